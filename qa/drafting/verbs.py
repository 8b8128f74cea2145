"""English verbs of the news, in the forms in which articles use them."""

from __future__ import annotations

# base, past, and the participle where it is another form
_IRREGULAR = """
become became become|begin began begun|break broke broken|bring brought|build built|buy bought|catch caught| choose
chose chosen|come came come|cut cut|deal dealt|draw drew drawn|drive drove driven|fall fell fallen|feel felt| fight
fought|find found|flee fled|fly flew flown|forbid forbade forbidden|forget forgot forgotten|get got| give gave
given|go went gone|grow grew grown|hear heard|hide hid hidden|hit hit|hold held|hurt hurt|keep kept| know knew
known|lay laid|lead led|leave left|lend lent|cost cost|freeze froze frozen|leap leapt|forecast forecast|broadcast
broadcast|oversee oversaw overseen|uphold upheld|repay repaid|upset upset|hang hung|burst burst|bear bore born|bid
bid|feed fed|mislead misled|outbid outbid|rebuild rebuilt|retake retook retaken|tear tore torn|wake woke woken|drink
drank drunk|eat ate eaten|blow blew blown|bite bit bitten|cast cast|dig dug|lose lost|make made|meet met|overcome
overcame overcome| overtake overtook overtaken|pay paid|put put|quit quit|read read|ride rode ridden|ring rang
rung|rise rose risen| run ran run|say said|see saw seen|seek sought|sell sold|send sent|set set|shake shook
shaken|shoot shot| show showed shown|shut shut|sing sang sung|sink sank sunk|speak spoke spoken|spend spent|split
split| spread spread|stand stood|steal stole stolen|strike struck|swear swore sworn|sweep swept|swim swam swum| take
took taken|teach taught|tell told|think thought|throw threw thrown|undergo underwent undergone|wear wore worn| win
won|withdraw withdrew withdrawn|write wrote written|beat beat beaten
"""
_REGULAR = """
abandon accelerate accept accompany accomplish accuse achieve acknowledge acquire acquit act activate adapt add
address adjourn administer admit adopt advance advise affect affirm agree aim air alert allege allow alter amend
analyze announce answer apologise apologize appeal appear applaud apply appoint approach approve argue arm arrange
arrest arrive ask assassinate assault assemble assign assist attack attempt attend attract authorize average avoid
award back ban bar base battle believe benefit blame blast block bolster bomb book boost borrow boycott breach brief
broker burn bury call campaign cancel capture carry cause caution celebrate censure certify challenge change charge
chase check cheer circulate cite claim clarify clash classify clean clear climb clinch close coach collaborate
collapse collect combine command comment commission commit commute compare compete compile complain complete compose
concede conclude condemn conduct confess confirm confront congratulate connect consider construct consult contact
contain contaminate continue contract contribute control convene convert convict convince cook cooperate coordinate
copy count counter cover crack crash create credit criticise criticize cross crown damage deadlock debut decide
declare decline decrease dedicate defeat defend defy delay delete deliver demand demonstrate denounce deny depart
deploy deport derail describe design designate destroy detain detect determine develop devote diagnose die dip direct
disagree disappear discharge disclose discontinue discover discuss dismiss dispatch displace dispute disrupt dissolve
distribute divide document dodge dominate donate double downgrade downplay draft drag drop drown dub dump earn ease
echo edge elect eliminate embrace emerge emphasize employ enact encourage end endorse endure engage engineer engulf
enjoy enter equip erect erupt escalate escape escort establish estimate evacuate evict evolve examine exceed exchange
exclude execute exhaust exit exonerate expand expect expel experience expire explain explode explore expose express
extend extradite face fail favor feature file fill film finalize finance fine finish fire flatten flip flood focus
follow force form found free fuel fund fundraise gain garner gather generate grab graduate grant greet ground
guarantee guide hack hail halt halve hand handle happen harm haul head help highlight hint hire honor honour
hospitalize host house hover hug hunt identify idle ignite ignore impeach implement impose impound imprison improve
inaugurate include increase indicate indict induct infect inflict inform inherit initiate injure insist inspect
inspire install instruct insult insure intend intercept interrupt intervene interview introduce invade invent invest
investigate invite invoke involve isolate issue jail join joke jump kick kidnap kill knock lament land last laud
launch leak learn lease legalize license lift limit link list listen litigate live loan lobby lock log look loot love
lower lure maintain manage mandate march mark marry match measure mention merge migrate miss mix mobilise mobilize
mock modify monitor mount mourn move murder name narrow nationalize need negotiate nominate note notice notify object
oblige observe obtain occupy occur offer open operate oppose opt orbit order organise organize originate oust outline
overrule overturn owe own paint pardon park part participate partner pass pause peak perform permit photograph pick
pilot pitch place plan plant play plead pledge plot plunge point poison pollute portray pose post postpone pour praise
predict prescribe present preside press pressure prevent print privatize probe process produce prohibit project
promise promote prompt propose prosecute protect protest prove provide publish pull pump purchase pursue push qualify
quarantine question race raid raise rally rank ratify ration reach react rebel rebuild rebuke recall receive recognise
recognize recommend reconsider record recount recover recruit rectify redesign redirect reduce reelect refer reflect
reform refuse regain register regret regulate rehire reimburse reinforce reinstate reiterate reject rejoin relaunch
release relocate rely remain remember remind remove rename renew renounce reopen repair repeal repeat replace reply
report represent request require reschedule rescind rescue reserve resettle resign resist resolve respond restore
restrain restrict result resume retain retaliate retire retract retreat retrieve return reunite reveal reverse review
revise revive revoke reward riot rip rob roll rule rush sabotage sail sanction save scale schedule scold score scrap
screen seal search secure seem seize select sentence separate serve settle share shell shelve shield shift ship
shutter sideline sign signal slam slash slip slow smash smuggle snub soar soften solicit solve sound spark spawn
spearhead spill sponsor spot spur stab stage star start state stay step stockpile stop store storm strengthen stress
stretch strip struggle study stun submit subpoena subsidize succeed sue suffer suggest summon supply support surface
surge surpass surprise surrender surround survey survive suspend swap switch tackle talk tap target taunt tax televise
tender terminate terrorize test testify text thank threaten thwart tie tighten toast top topple torch torpedo toss
total touch tour tout trace track trade train transfer transform translate transport trap travel treat trigger trim
triple try tumble turn tweak tweet uncover undermine unearth unite unleash unlock unravel unseat unveil update upgrade
urge use vacate vaccinate value vandalize verify veto view violate visit voice volunteer vote vow wait waive walk want
ward warn watch weaken weigh welcome whip widen witness work worry worsen wound wrap yield
"""
_DOUBLED = frozenset(
    """bar ban commit control debut dip drop equip flip grab hug knot occur permit plan prefer refer regret rip rob
    scrap ship slam slip snub spot stab star step stop strip stun submit swap tap transfer trap trim unplug whip
    wrap drag compel expel deter hum jam log rebel pin plot plug""".split()
)


def _forms() -> dict[str, tuple[str, str]]:
    forms = {base: (_with_ed(base), _with_ed(base)) for base in _REGULAR.split()}
    for line in _IRREGULAR.replace("\n", " ").split("|"):
        base, past, *participle = line.split()
        forms[base] = (past, participle[0] if participle else past)
    return forms


def _with_ed(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base in _DOUBLED:
        return base + base[-1] + "ed"
    return base[:-1] + "ied" if base[-1] == "y" and base[-2] not in "aeiou" else base + "ed"


def _with_s(base: str) -> str:
    if base.endswith(("s", "sh", "ch", "x", "z", "o")):
        return base + "es"
    return base[:-1] + "ies" if base[-1] == "y" and base[-2] not in "aeiou" else base + "s"


FORMS = _forms()
"""Past and participle by base form."""
BASE_OF_PAST = {past: base for base, (past, _) in FORMS.items()}
BASE_OF_PARTICIPLE = {participle: base for base, (_, participle) in FORMS.items()}
BASE_OF_PRESENT = {_with_s(base): base for base in FORMS}
"""Base forms by past, by participle, and by the present tense of one."""
