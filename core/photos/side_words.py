"""Words, letters and signs in pairs: each is what the other becomes in a mirror, upside down, stretched or bent.

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
# What is told by its height or its width, or by how long it is for its width.
STRETCHED = _pairs(
    # English
    "tall/short tall/low tall/squat tall/wide tall/flat high/low high/flat wide/narrow broad/narrow wide/thin "
    "wide/slim broad/slender long/short longer/shorter long/round long/compact elongated/round elongated/compact "
    "taller/shorter wider/narrower thick/thin thick/slim thick/slender thicker/thinner fat/thin fat/slim fat/skinny "
    "slim/stout slender/stout skinny/stocky slim/plump slim/chubby lanky/stocky condensed/expanded condensed/extended "
    "circle/ellipse circle/oval circles/ellipses circular/elliptical circular/oval round/oval round/elliptical "
    "round/oblong square/rectangle squares/rectangles square/rectangular square/oblong cube/cuboid sphere/ellipsoid "
    "spherical/ellipsoidal sphere/spheroid "
    # German, Dutch
    "hoch/niedrig hoch/flach hoch/breit hohe/niedrige hohe/flache hoher/niedriger hohes/niedriges lang/kurz "
    "lange/kurze langer/kurzer langes/kurzes lang/rund breit/schmal breite/schmale breiter/schmaler breites/schmales "
    "dick/dünn dicke/dünne dicker/dünner dickes/dünnes dick/schlank kreis/ellipse kreis/oval rund/oval runde/ovale "
    "rund/länglich quadrat/rechteck quadratisch/rechteckig kugel/ellipsoid hoog/laag hoge/lage lang/kort lange/korte "
    "breed/smal brede/smalle dik/dun dikke/dunne cirkel/ellips cirkel/ovaal rond/ovaal vierkant/rechthoek "
    # French, Spanish, Portuguese, Italian, Romanian, Catalan
    "haut/bas long/court longue/courte large/étroit large/étroite épais/mince épais/fin gros/mince cercle/ellipse "
    "rond/ovale carré/rectangle alto/bajo alta/baja largo/corto larga/corta ancho/estrecho ancha/estrecha "
    "ancho/angosto grueso/delgado gruesa/delgada gordo/delgado gordo/flaco círculo/elipse redondo/ovalado "
    "cuadrado/rectángulo alto/baixo alta/baixa comprido/curto longo/curto longa/curta largo/estreito larga/estreita "
    "grosso/fino gordo/magro redondo/oval quadrado/retângulo alto/basso alta/bassa lungo/corto lunga/corta "
    "largo/stretto larga/stretta spesso/sottile grasso/magro cerchio/ellisse rotondo/ovale quadrato/rettangolo "
    "înalt/scund lung/scurt lat/îngust cerc/elipsă llarg/curt ample/estret "
    # Nordic and Baltic, Finnish, Hungarian, Turkish
    "hög/låg lång/kort bred/smal tjock/tunn cirkel/oval rund/avlång kvadrat/rektangel høj/lav høy/lav lang/kort "
    "tyk/tynd tykk/tynn sirkel/ellipse korkea/matala pitkä/lyhyt leveä/kapea paksu/ohut ympyrä/ellipsi "
    "neliö/suorakulmio magas/alacsony hosszú/rövid széles/keskeny vastag/vékony kör/ellipszis uzun/kısa geniş/dar "
    "kalın/ince daire/elips kare/dikdörtgen "
    # Slavic, Greek
    "wysoki/niski wysoka/niska długi/krótki długa/krótka szeroki/wąski szeroka/wąska gruby/cienki koło/elipsa "
    "kwadrat/prostokąt vysoký/nízký vysoká/nízká dlouhý/krátký dlouhá/krátká široký/úzký tlustý/tenký kruh/elipsa "
    "čtverec/obdélník visok/nizak dug/kratak širok/uzak высокий/низкий высокая/низкая длинный/короткий "
    "длинная/короткая широкий/узкий широкая/узкая толстый/тонкий круг/эллипс круг/овал квадрат/прямоугольник "
    "високий/низький довгий/короткий широкий/вузький ψηλός/κοντός ψηλό/κοντό μακρύ/κοντό φαρδύ/στενό κύκλος/έλλειψη "
    # elsewhere
    "tinggi/rendah tinggi/pendek panjang/pendek lebar/sempit tebal/tipis cao/thấp dài/ngắn rộng/hẹp طويل/قصير "
    "عريض/ضيق ארוך/קצר רחב/צר 긴/짧은 넓은/좁은"
)
STRETCHED_SIGNS = _pairs("高/低 高/矮 長/短 长/短 宽/窄 寬/窄 広/狭 粗/细 粗/細 太/細 厚/薄")
STRETCHED_LETTERS = _pairs("0/O 0/o")
BENT = _pairs(
    "straight/curved straight/bent straight/crooked straight/arched straight/bowed straight/warped flat/curved "
    "flat/bent flat/warped flat/bulging flat/domed flat/convex flat/concave plane/convex plane/concave planar/curved "
    "convex/concave line/curve line/arc lines/curves bulging/pinched barrel/pincushion normal/warped gerade/krumm "
    "gerade/gebogen gerader/krummer gerades/krummes gerade/kurve linie/kurve flach/gewölbt eben/gewölbt konvex/konkav "
    "recht/krom recht/gebogen vlak/gebogen vlak/bol droit/courbe droite/courbe droit/tordu plat/bombé convexe/concave "
    "recto/curvo recta/curva recto/torcido plano/curvo plano/convexo convexo/cóncavo reto/curvo reta/curva "
    "plano/côncavo dritto/curvo dritta/curva retta/curva piatto/curvo convesso/concavo rak/böjd lige/buet rett/buet "
    "suora/kaareva egyenes/görbe düz/eğri prosty/krzywy prosta/krzywa rovný/křivý прямой/кривой прямая/кривая "
    "плоский/выпуклый выпуклый/вогнутый прямий/кривий ευθύ/καμπύλο lurus/bengkok thẳng/cong مستقيم/منحني ישר/עקום"
)
BENT_SIGNS = _pairs("直/弯 直/彎 直/曲 平/凸 平/凹 凸/凹")
