"""Words, letters and signs in pairs of which each is what the other becomes in a mirror, or upside down.

A word that means something else too ("bal" is left in Hungary and a ball in Holland) does no harm: only both words of a
pair count, in two names that are alike otherwise. `core.photos.sides` reads them without accents and capitals.
"""

WordPairs = tuple[tuple[str, str], ...]


def _pairs(text: str) -> WordPairs:
    return tuple((first, second) for first, _, second in (entry.partition("/") for entry in text.split()))


LEFT_AND_RIGHT = _pairs(
    # English, heraldry, chemistry
    "left/right leftward/rightward leftwards/rightwards leftmost/rightmost lefthand/righthand lefthanded/righthanded "
    "lefty/righty port/starboard larboard/starboard portside/starboardside nearside/offside "
    "clockwise/counterclockwise clockwise/anticlockwise cw/ccw cw/acw sunwise/widdershins "
    "sinistral/dextral sinister/dexter levorotatory/dextrorotatory laevorotatory/dextrorotatory "
    # German, Dutch
    "links/rechts linke/rechte linker/rechter linkes/rechtes linken/rechten linksherum/rechtsherum "
    "linksrum/rechtsrum backbord/steuerbord bakboord/stuurboord linksom/rechtsom linkse/rechtse "
    # French, Spanish, Portuguese, Italian, Romanian, Catalan
    "gauche/droite gauche/droit bâbord/tribord horaire/antihoraire senestre/dextre "
    "izquierda/derecha izquierdo/derecho izq/der babor/estribor horario/antihorario "
    "esquerda/direita esquerdo/direito bombordo/estibordo bombordo/boreste "
    "sinistra/destra sinistro/destro sx/dx orario/antiorario babordo/tribordo "
    "stânga/dreapta stâng/drept esquerra/dreta esquerre/dret "
    # Nordic and Baltic, Finnish, Hungarian, Turkish
    "vänster/höger venstre/højre venstre/høyre vinstri/hægri medurs/moturs vasen/oikea vasemmalle/oikealle "
    "vasak/parem kreisā/labā kairė/dešinė bal/jobb balra/jobbra sol/sağ sola/sağa "
    # Slavic, Greek
    "lewo/prawo lewy/prawy lewa/prawa lewe/prawe levý/pravý levá/pravá levé/pravé vlevo/vpravo ľavý/pravý vľavo/vpravo "
    "levo/desno levi/desni leva/desna lijevo/desno lijevi/desni lijeva/desna "
    "лево/право левый/правый левая/правая левое/правое влево/вправо налево/направо слева/справа "
    "ліво/право лівий/правий ліва/права вліво/вправо ляво/дясно лево/десно "
    "αριστερά/δεξιά αριστερό/δεξιό αριστερός/δεξιός αριστερή/δεξιά "
    # elsewhere
    "kiri/kanan trái/phải kushoto/kulia kaliwa/kanan شمال/يمين يسار/يمين چپ/راست שמאל/ימין 왼쪽/오른쪽 왼손/오른손 "
    "ซ้าย/ขวา बाएं/दाएं बायां/दायां 左/右 northeast/northwest southeast/southwest"
)
# In names that are the same otherwise, and not only alike: there are Eastern and Western birds.
LEFT_AND_RIGHT_ALONE = _pairs(
    "east/west ost/west oost/west est/ouest este/oeste est/ovest восток/запад l/r lh/rh lhs/rhs lhd/rhd lt/rt lcc/rcc "
    "lmlo/rmlo os/od waxing/waning ascending/descending rising/falling uphill/downhill uptrend/downtrend "
    "increasing/decreasing slash/backslash less/greater"
)
LEFT_AND_RIGHT_SIGNS = _pairs(
    "左/右 ←/→ ⇐/⇒ ⟵/⟶ ⇦/⇨ ⬅/➡ ◀/▶ ◁/▷ ◄/► ⏪/⏩ ⏮/⏭ 👈/👉 🤛/🤜 🫲/🫱 "
    "↖/↗ ↙/↘ ↰/↱ ↲/↳ ↩/↪ ↶/↷ ↺/↻ ⟲/⟳ «/» ‹/› </> [/] (/) {/} ∈/∋ ⊂/⊃"
)
MIRRORED_LETTERS = _pairs("b/d p/q")  # as written: of capitals none is another's mirror image
COMPASS = _pairs("e/w o/w e/o ne/nw no/nw ne/no se/sw so/sw se/so")
COMPASS_POINTS = frozenset(["n", "e", "s", "w", "o", "ne", "nw", "no", "se", "sw", "so"])
ABOVE_AND_BELOW = _pairs(
    "up/down upward/downward upwards/downwards top/bottom upper/lower above/below over/under overhead/underneath "
    "upright/inverted upright/upsidedown uphill/downhill ascending/descending rising/falling topside/underside "
    "north/south northeast/southeast northwest/southwest oben/unten auf/ab aufwärts/abwärts obere/untere nord/süd "
    "norden/süden boven/onder omhoog/omlaag haut/bas dessus/dessous nord/sud arriba/abajo norte/sur norte/sul "
    "cima/baixo acima/abaixo sopra/sotto su/giù alto/basso góra/dół nahoru/dolů hore/dole gore/dolje "
    "верх/низ вверх/вниз upp/ner op/ned ylös/alas yukarı/aşağı"
)
ABOVE_AND_BELOW_SIGNS = _pairs("上/下 ↑/↓ ⇑/⇓ ⬆/⬇ ▲/▼ △/▽ 👆/👇 👍/👎 ∧/∨ ∩/∪")
UPSIDE_DOWN_LETTERS = _pairs("n/u m/w M/W 6/9 b/p d/q b/q d/p")
