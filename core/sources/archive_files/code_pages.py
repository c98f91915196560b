"""The code pages in which older programs write the names of an archive, and what is likely in each.

How unlikely a character is stands in bits, so that what is common in a language is cheap in its page and what other
bytes turn into there (rare ideographs, box drawings, symbols) is dear.
"""

from dataclasses import dataclass

# Bits of one of the dozen most used letters, of another of that language, of one that few words have, of anything else.
COMMON, LETTER, RARE, ODD = 4.3, 6.5, 9.0, 17.0
WESTERN, WESTERN_RARE = "äöüßéèêáíóúñçàâôåæøãõ", "îïëùûìòœýðþÿ"
CENTRAL, CENTRAL_RARE = "ąćęłńóśźżáčéěíňřšúůýžöüőűä", "ďťôľĺŕăâîșțşţđëçß"
TURKISH, TURKISH_RARE = "çğıöşüİ", "âî"
HANGUL = (  # of 11,172 syllables those that make up most of what is written
    "가각간갈감강개거건걸검것게겨결경계고곡곤골공과관광괴교구국군굴궁권귀규그극근글금급기긴길김까깨꼬꽃꾸끼나난날남내너네노논놀농누눈뉴"
    "느능니님다단달담당대더데도독돈동두둥드득들등디따때또라락란람랑래량러레려력련렬령례로록론료루류륙률르름릉리린림립마만말망매맥머먼멍메며"
    "면명모목몰무문물미민밀바박반발밤방배백버번벌범법베벽변별병보복본봉부북분불붕비빙빵뻐사산살삼상새색생서석선설섬성세소속손송쇠수숙순술숨스"
    "슬습승시식신실심십싸아악안알암앙애액야약양어억언얼엄업에여역연열염영예오옥온올옷와완왕외요용우운울원월위유육윤은을음응의이인일임입자작잔"
    "잠장재저적전절점접정제조족종좌주죽준중즈증지직진질집차착찬참창채책처천철청체초촌총추축춘출충취치침카칸칼커컴케코콩쿠크클키타탁탄탈탑태터"
    "테토통투트특티파판팔패퍼페편평포폭표푸품풍프피필하학한할함합항해핵행향허험헤현혈형혜호혹혼홍화확환활황회획효후훈훌휘휴흑흙희흰히"
)


@dataclass(frozen=True)
class CodePage:
    """One way to write names.

    Args:
        codec: Python's name for it.
        words: What people call it.
        prior: Bits by which it is less likely than the others before a name is seen.
        letters: Bits by character, for those that are usual.
        leads: Of pages with two bytes a letter: (first, last, bits) by the first byte, where the second is at least
            `least_trail`.
        least_trail: See there.
        odd: Bits of every other character beyond ASCII.
    """

    codec: str
    words: str
    prior: float
    letters: dict[str, float]
    leads: tuple[tuple[int, int, float], ...] = ()
    least_trail: int = 0x40
    odd: float = ODD

    def bits(self, char: str) -> float:
        """How unlikely a character beyond ASCII is here."""
        known = self.letters.get(char)
        if known is not None:
            return known
        raw = char.encode(self.codec)
        if len(raw) == 2 and raw[1] >= self.least_trail:
            return next((bits for first, last, bits in self.leads if first <= raw[0] <= last), self.odd)
        return self.odd


def _letters(letters: str, common: str = "", rare: str = "") -> dict[str, float]:
    """Bits of an alphabet in both cases; the letters in `common` are the most used, few words have those in `rare`."""
    bits = {**dict.fromkeys(rare + rare.upper(), RARE), **dict.fromkeys(letters + letters.upper(), LETTER)}
    return {**bits, **dict.fromkeys(common, COMMON)}


def code_pages() -> list[CodePage]:
    """Every page that is thought of, the likeliest first."""
    kana, hangul = dict.fromkeys("ー・", 6.0), dict.fromkeys(HANGUL, 7.5)
    japanese = ((0x82, 0x83, 6), (0x88, 0x97, 11), (0x98, 0xEA, 16))  # kana, kanji of everyday use, others
    western = _letters(WESTERN, rare=WESTERN_RARE)
    central = _letters(CENTRAL, rare=CENTRAL_RARE)
    turkish = _letters(TURKISH, rare=TURKISH_RARE)
    russian = _letters("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ", "оеаинтсрвлкмдпу")
    greek = _letters("αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋ", "αοιετσνηυρπκμλς")
    hebrew = _letters("אבגדהוזחטיךכלםמןנסעףפץצקרשת", "יוהלארתבמשנ")
    arabic = _letters("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهويى", "اليمنرتبوةدسع")
    thai = _letters("".join(map(chr, (*range(0xE01, 0xE3B), *range(0xE40, 0xE4F)))), "านรอกเงมยลวดทส่้ิีั")
    return [
        CodePage("cp932", "Japanese (Shift-JIS)", 0, kana, japanese, odd=14),
        CodePage("gbk", "Chinese (GBK)", 0, {}, ((0xA1, 0xA3, 12), (0xB0, 0xD7, 11), (0xD8, 0xF7, 14.5)), 0xA1, 19),
        CodePage("cp850", "Western European (cp850)", 0, western),
        CodePage("cp866", "Cyrillic (cp866)", 1, russian),
        CodePage("cp949", "Korean (cp949)", 1, hangul, ((0xA1, 0xA3, 13), (0xB0, 0xC8, 13)), 0xA1, 18),
        CodePage("cp950", "Chinese (Big5)", 1, {}, ((0xA1, 0xA3, 13), (0xA4, 0xC6, 11.5), (0xC9, 0xF9, 15.5)), odd=19),
        CodePage("cp1252", "Western European (cp1252)", 2, western),
        CodePage("cp1251", "Cyrillic (cp1251)", 2, russian),
        CodePage("cp852", "Central European (cp852)", 2, central),
        CodePage("cp1250", "Central European (cp1250)", 3, central),
        CodePage("cp857", "Turkish (cp857)", 3, turkish),
        CodePage("cp1254", "Turkish (cp1254)", 4, turkish),
        CodePage("cp737", "Greek (cp737)", 3, greek),
        CodePage("cp1253", "Greek (cp1253)", 4, greek),
        CodePage("cp874", "Thai (cp874)", 3, thai),
        CodePage("cp862", "Hebrew (cp862)", 3, hebrew),
        CodePage("cp1255", "Hebrew (cp1255)", 4, hebrew),
        CodePage("cp720", "Arabic (cp720)", 3, arabic),
        CodePage("cp1256", "Arabic (cp1256)", 4, arabic),
        CodePage("cp437", "cp437", 6, western),  # takes every byte: no name is ever without a reading
    ]
