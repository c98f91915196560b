"""How often names of an archive that don't say how they are written are read right, beside charset-normalizer.

    python -m benchmarks.archive_names

Of each language 30 draws of 1, 2, 3 and 5 class names, written in the code page that Windows has there, and in others.
"""

import random

from charset_normalizer import from_bytes

from core.sources.archive_files.names import guessed

TRIES = 30
CLASSES = (1, 2, 3, 5)
WORDS = {
    "Japanese": (
        "cp932",
        "りんご バナナ ソース ソバ 猫 犬 桜 表 能面 ぶどう みかん 自転車 電車 花 魚 鳥 晴れ 曇り 雨 正常 "
        "異常 予測 机 椅子 噂 十字 構造 黒色 申請 貼付 暴風",
    ),
    "Chinese simplified": (
        "gbk",
        "苹果 香蕉 梨 猫 狗 汽车 自行车 花 鱼 鸟 晴天 多云 下雨 正常 异常 葡萄 西瓜 桌子 椅子 玫瑰 "
        "向日葵 郁金香 蒲公英 菊花 合格 缺陷 划痕 老虎 大象 猴子",
    ),
    "Chinese traditional": (
        "cp950",
        "蘋果 香蕉 梨 貓 狗 汽車 腳踏車 花 魚 鳥 晴天 多雲 下雨 正常 異常 葡萄 西瓜 桌子 椅子 玫瑰 "
        "向日葵 鬱金香 合格 缺陷 刮痕 老虎 大象 猴子 成功 許多",
    ),
    "Korean": (
        "cp949",
        "사과 바나나 배 고양이 개 자동차 자전거 꽃 물고기 새 맑음 흐림 비 정상 불량 포도 수박 책상 의자 "
        "장미 해바라기 튤립 민들레 국화 합격 결함 긁힘 호랑이 "
        "코끼리 원숭이",
    ),
    "German": (
        "cp850",
        "Äpfel Größe Öl Bäume Kühe Vögel Hühner Löwe Bär Frösche Möwe Käse Würfel Schlüssel Tür "
        "Gemüse Blüte Grün Weiß Straße Süßkartoffel Fußball Stühle Hände Füße Übung Rüben Möhren "
        "Käfer Mühle",
    ),
    "French": (
        "cp850",
        "Pêche Poire_mûre Fraise_écrasée Cerise_gâtée Citron_vert_à_jus Forêt Château Zèbre "
        "Éléphant Hérisson Chèvre Guépard Léopard Poulet_rôti Pâtes Crème Café Thé Fenêtre Clé "
        "Vélo Hélicoptère Bébé Garçon Leçon Maïs Noël Abîmé Défaut Récolte",
    ),
    "Spanish": (
        "cp850",
        "Piña Plátano Limón Melón Melocotón Árbol Camión Avión Pájaro Ratón Niño Araña Montaña "
        "Café Azúcar Jamón Champiñón Tiburón León Águila Cigüeña Señal Daño Óxido Fútbol Ñandú "
        "Pimentón Jabalí Búho Delfín",
    ),
    "Portuguese": (
        "cp850",
        "Maçã Limão Mamão Pêssego Abacaxi_não Cão Gavião Leão Avião Caminhão Árvore Pássaro "
        "Tubarão Camarão Feijão Pimentão Coração Criança Mãe Óculos Relógio Lâmpada Chapéu Café "
        "Açúcar Pão Maçaneta Ônibus Bebê Canção",
    ),
    "Norwegian": (
        "cp850",
        "Blåbær Jordbær Bjørn Rødrev Måke Ørn Ål Grønn Blå Rød Løk Gulrøtter Fjær Gås Bærbusk "
        "Tømmer Høne Kål Trær Sjøløve Smør Brød Øl Pære Plomme_blå Bønne Sølv Stål Kjøtt Tåke",
    ),
    "Polish": (
        "cp852",
        "Jabłko Gruszka_żółta Śliwka Wiśnia Borówka Świnia Źrebak Koń Łoś Żaba Żółw Gęś "
        "Ptak_śpiewający Sójka Mrówka Pszczoła Książka Krzesło Stół Łódka Samochód Róża Mak_żółty "
        "Drzewo_dąb Grzyb_jadalny_świeży Pęknięcie Błąd Zdjęcie Człowiek Łyżka",
    ),
    "Czech": (
        "cp852",
        "Třešeň Švestka Hruška Jahoda_čerstvá Kůň Kočka Ježek Medvěd Žába Želva Čáp Růže Květina "
        "Židle Stůl Dům Řeka Město Děti Auto_červené Člověk Lžíce Nůž Vidlička_malá Škrábanec "
        "Dobrý Vadný Kámen Dřevo Sýr",
    ),
    "Hungarian": (
        "cp852",
        "Körte Szőlő Málna Eper_érett Ló Kutya_fehér Macska_szürke Béka Gólya Fűzfa Tölgy Rózsa "
        "Virág Szék Asztal_kör Autó Hajó Repülő Hűtő Kenyér Kés Kanál_új Üveg Hibás Jó Törött "
        "Szürke Zöld Kék Sárga_tök",
    ),
    "Russian": (
        "cp866",
        "Яблоко Груша Слива Кошка Собака Лошадь Медведь Волк Лиса Заяц Роза Цветок Дерево Дом "
        "Машина Самолет Корабль Стол Стул Хлеб Сыр Молоко Брак Норма Дефект Царапина Ёж Щука Мышь "
        "Гриб",
    ),
    "Turkish": (
        "cp857",
        "Çilek Üzüm Kuş Köpek Ağaç Kırmızı Yeşil Sarı Işık Gül Çiçek Şeker Balık Tavşan İnek "
        "Aslan_yaşlı Öküz Süt Yoğurt Sandalye_kırık Kapı Deniz_kıyısı Dağ Göl Bıçak Kaşık Çatal "
        "Güneş Bulutlu_gökyüzü Yağmur",
    ),
    "Greek": (
        "cp737",
        "Μήλο Αχλάδι Γάτα Σκύλος Άλογο Δέντρο Σπίτι Αυτοκίνητο Θάλασσα Ψωμί Τυρί Νερό Λουλούδι Πουλί Ψάρι",
    ),
    "Thai": (
        "cp874",
        "แอปเปิล กล้วย แมว สุนัข ดอกไม้ ต้นไม้ รถยนต์ บ้าน ปลา นก ช้าง เสือ ข้าว น้ำ มะม่วง",
    ),
    "Hebrew": (
        "cp862",
        "תפוח אגס חתול כלב פרח עץ בית מכונית דג ציפור",
    ),
    "Arabic": (
        "cp720",
        "تفاح موز قطة كلب زهرة شجرة بيت سيارة سمكة طائر",
    ),
}
IN_OTHERS = (
    ("German", "cp1252"),
    ("Russian", "cp1251"),
    ("Polish", "cp1250"),
    ("Greek", "cp1253"),
    ("Japanese", "utf-8"),
    ("German", "utf-8"),
    ("Russian", "utf-8"),
    ("Korean", "utf-8"),
)


def by_library(raw: list[bytes]) -> str:
    """The codec that charset-normalizer names."""
    best = from_bytes(b"\n".join(raw)).best()
    return best.encoding if best else "ascii"


def is_right(raw: list[bytes], names: list[str], codec: str) -> bool:
    """Whether a codec gives the names."""
    try:
        return [name.decode(codec) for name in raw] == names
    except (UnicodeDecodeError, LookupError):
        return False


def draws(words: list[str], n: int) -> list[list[str]]:
    """Names of photos in n classes, several times; of one class, each word in turn."""
    random_state = random.Random(n)
    picked = [random_state.sample(words, n) if n > 1 else [words[i % len(words)]] for i in range(TRIES)]
    return [[f"{word}/1.jpg" for word in words] for words in picked]


def main() -> None:
    """Print a table and its sums."""
    rows = [(language, codec, words.split()) for language, (codec, words) in WORDS.items()]
    rows += [(language, codec, WORDS[language][1].split()) for language, codec in IN_OTHERS]
    ways = {"ours": lambda raw: guessed(raw).codec, "charset-normalizer": by_library}
    sums = {way: dict.fromkeys(CLASSES, 0) for way in ways}
    print(f"right of {TRIES}, with {', '.join(map(str, CLASSES))} classes")
    for language, codec, words in rows:
        line = f"{language:20} {codec:8}"
        for way, ask in ways.items():
            for n in CLASSES:
                asked = [([name.encode(codec) for name in names], names) for names in draws(words, n)]
                right = sum(is_right(raw, names, ask(raw)) for raw, names in asked)
                sums[way][n] += right
                line += f" {right:3}"
            line += "   "
        print(line, flush=True)
    print({way: {n: f"{right / TRIES / len(rows):.1%}" for n, right in each.items()} for way, each in sums.items()})


if __name__ == "__main__":
    main()
