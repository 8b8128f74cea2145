"""The English verbs of the news whose base form is known for sure."""

from __future__ import annotations

import re

# The past of these is made, not their base guessed from what is read: "noted" might come of "not" or "note".
_REGULAR = """accept accuse achieve add address admit advance agree aim allow announce appeal appear apply appoint
approve arrest arrive ask attack attend authorise authorize award back ban block board campaign
cancel capture carry cause celebrate change charge claim clear climb close collapse collect collide
complete condemn confirm consider control convict cover crash create criticise criticize cross
damage decide declare decline defeat defend delay deliver demand deny deploy destroy detain detect
develop direct disclose discover discuss dismiss donate drift earn elect embrace enact end endorse
enter erupt escape establish estimate evacuate examine expand expel explain explode express extend
face fail file finance finish fire follow force form gain gather govern grant hail hand handle
happen head help hire host identify impose improve include increase inherit inject injure inspect
install introduce invade invest investigate invite join jump kick kill knock land last launch lift
limit list lower manage mark marry measure merge move murder name nominate observe occur offer open
operate oppose order organise organize oust overturn own pass perform play pledge point post
postpone prepare present preside prevent produce promise propose protest prove provide publish pull
punish purchase push raise rank ratify reach receive recognise recognize recommend recover reduce
refuse regain reject release remain remove rename reopen repair replace report request rescue resign
resume retain retire return reveal rule sack score search seize separate serve settle shift sign
smash solve sponsor stage start stay strand strengthen stretch succeed suffer supply support surpass
surrender survive suspend test threaten topple toss total touch tour train travel treat trigger
triple turn unveil urge vaccinate vanish veto visit vote vow walk warn welcome widen witness work
worsen""".split()
_IRREGULAR = """admitted:admit banned:ban beat:beat became:become began:begin bid:bid bought:buy broke:break
brought:bring built:build came:come cancelled:cancel caught:catch chose:choose cost:cost cut:cut
drank:drink drew:draw dropped:drop drove:drive expelled:expel fed:feed fell:fall fled:flee flew:fly
fought:fight found:find gave:give grew:grow held:hold hit:hit kept:keep knew:know led:lead
left:leave lent:lend lost:lose made:make met:meet overtook:overtake paid:pay permitted:permit
planned:plan put:put quit:quit ran:run rose:rise sang:sing sank:sink saw:see sent:send set:set
shipped:ship shot:shoot shut:shut slid:slide sold:sell sought:seek spent:spend split:split
spoke:speak spread:spread stepped:step stood:stand stopped:stop struck:strike submitted:submit
swapped:swap swept:sweep swore:swear taught:teach threw:throw told:tell took:take tore:tear
travelled:travel vetoed:veto went:go withdrew:withdraw woke:wake won:win wore:wear wrote:write""".split()


def _past(base: str) -> str:
    if base.endswith("e"):
        return f"{base}d"
    return f"{base[:-1]}ied" if re.search(r"[^aeiou]y$", base) else f"{base}ed"


BASE = {_past(base): base for base in _REGULAR} | dict(pair.split(":") for pair in _IRREGULAR)
"""The base form of each past form."""
