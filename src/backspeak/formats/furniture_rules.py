"""The wording of page furniture, as patterns for whole texts.

Patterns see text as `furniture.plain` leaves it: small letters, straight quotes, single spaces, no marks
around. One a line, they must match all of it; a word in capitals stands for the pattern of that name
in _PARTS. What could be an ordinary sentence has no place here: "share this article" may stand,
"share prices fell" or "share it with him" may not be matched.
"""

from __future__ import annotations

import re

Rule = tuple[str, re.Pattern[str]]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SOCIAL_NETWORKS = _words(
    """
    facebook fb twitter instagram whatsapp telegram linkedin pinterest reddit tumblr youtube tiktok vk vkontakte
    odnoklassniki messenger viber flipboard stumbleupon digg google+ snapchat mastodon bluesky weibo wechat skype
    """
)
BUTTON_WORDS = _words(
    """
    share shares tweet tweets pin like likes email e-mail mail print copy link url save send post comment comments
    follow subscribe more sms pocket mix x rss via on
    """
)
REACTIONS = _words(
    """
    love like hate haha lol omg wow win fail fun funny sad angry happy cute cry geeky confused scary dislike wtf yay
    meh cool amazing awesome excited sleepy surprised shocked bored boring inspired useful interesting annoyed amused
    disappointed grumpy
    """
)

_PARTS = {
    "SOCIAL": "|".join(sorted(map(re.escape, SOCIAL_NETWORKS), key=len, reverse=True)) + "|x|social (media|networks)",
    "PIECE": "article|story|post|page|news|video|link|content|entry|recipe|gallery",
    "PIECES": "articles?|stories|news|posts?|reads?|reading|topics?|content|links?|coverage|videos?|headlines?",
    "FRIENDS": "(your |all your |the )?(friends|family|followers|network|community|loved ones|contacts)",
    "READ": "read|see|watch|view|learn|discover|find out|explore|listen",
    "LETTERS": "newsletters?|mailing list|updates|channel|alerts|e-?mails?|notifications|podcast|feed|briefing|digest",
    "COUNTED": "likes?|shares?|comments?|reactions?|views?|retweets?|tweets?|upvotes?|replies|page ?views",
    "MONTH": "(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|"
    "nov(ember)?|dec(ember)?)\\.?",
    "WEEKDAY": "(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?,?",
    "NTH": "\\d{1,2}(st|nd|rd|th)?",
    "CLOCK": "(\\d{1,2}([:.]\\d{2}){1,2}( ?[ap]\\.?m\\.?)?|\\d{1,2} ?[ap]\\.?m\\.?)( \\(?([a-z]{1,3}t|utc)\\)?)?",
    "DATE": "(WEEKDAY )?(NTH( of)? MONTH,?( \\d{4})?|MONTH NTH,?( \\d{4})?|MONTH,? \\d{4}|\\d{4}-\\d{2}-\\d{2}|"
    "\\d{1,2}[./-]\\d{1,2}[./-]\\d{2,4})",
    "AGO": "(about |over )?(\\d+|an?|one|two|three) ?(sec(ond)?|min(ute)?|h(ou)?r|day|week|month|year)s? ago",
    "WHEN": "DATE([, ]*(at |- |\\| )?CLOCK)?|CLOCK[, ]+(on )?DATE|AGO",
}

_SENTENCES = {
    "share buttons": r"""
        (please |do )?share (this|the|our|it)( PIECE)?( now| via email| (on|via|with|to) SOCIAL)?
        (please )?share ((this|the|our|it) )?(PIECE )?(with|to|among) FRIENDS( and family)?( on SOCIAL)?
        (share|post|tweet|send|save|pin|like)( (this|it))?( PIECE)? (on|to|via|using|by) (SOCIAL|e-?mail)\
([ ,/&]+(and |or )?(SOCIAL|e-?mail))*
        (share|spread) (this )?on SOCIAL
        click (here )?(to|on) (share|print|e-?mail|tweet)\b.{0,60}
        click to .{3,40}\(opens in (a )?new window\)
        ((did|do) you )?(like|love|enjoy|find)(ed|d)?( reading)? (it|this|the|our)( PIECE)?\
( useful| helpful| interesting)?\? (please )?(share|tell|spread|pass)\b.{0,60}
        follow .{2,40} on SOCIAL([ ,/&]+(and )?SOCIAL)*
        send (it |this )?(PIECE )?to a friend
        print friendly.{0,30}
        (follow|find|like|join|watch|connect with) (us|me|our (page|channel)) (on|at|via) SOCIAL\b.{0,60}
        follow @\w+
    """,
    "subscription prompt": r"""
        (please )?(subscribe|sign up|register|join)( now| here| today| free)? (to|for) \
(our|my|the|a|this|free|daily|weekly) [\w' -]{0,40}LETTERS( .{0,40})?
        (subscribe|sign up|register)( now| here| today| free| for free)
        get (the|our|all|your) .{3,80}(in|to|into) your (inbox|mailbox|e-?mail)
        enter your e-?mail( address)?\b.{0,80}
        (never|don't) miss (an?|another|our) (story|post|update|article|episode|news)\b.{0,30}
        already (a (subscriber|member)|have an account|registered)\?.{0,40}
        you can unsubscribe at any time
        (join|subscribe to|follow) our SOCIAL( (channel|group|page|account))?
        download (our|the) (\w+ )?app( (for|from|on|now|here|to)\b.{0,60})?
        (thank you|thanks) for (reading|subscribing|signing up|watching|registering)
        become a (member|subscriber|patron|supporter)( today| now)?
        support (us|our (journalism|work|project))( today| now| on .{2,30})?
        we value your privacy
        (this|the rest of this) (article|content|story) is (for|available to|reserved for) (subscribers|members)( only)?
    """,
    "cookie notice": r"""
        (we|(this|our|the) (web)?site) uses? (\w+ )?cookies( .{0,120}\byour?\b.{0,120})?
        by (continuing|using|browsing|clicking) .{3,140}\bcookies?\b.{0,60}
        (accept|reject|allow|manage|decline)( all)?( cookies?| cookie (preferences|settings))
        cookies? (settings|policy|preferences|notice|consent)
        if you continue to use this site we will assume that you are happy with it
    """,
    "reaction buttons": r"""
        what'?(s| is) your reaction\?*
        (your )?reactions? to this PIECE
    """,
    "comment form": r"""
        your e-?mail( address)? (will|shall) not be (published|shared|made public|disclosed)\
([.,;]? (the )?(required|mandatory) fields are marked ?\**)?
        (the )?(required|mandatory|obligatory) fields are marked( with an? asterisk)? ?\**
        save my name, e-?mail,? (and|address).{0,80}
        notify me (of|about|when|by e-?mail).{0,80}
        (be the first (one )?to|leave an?|post an?|add an?|write an?) (comment|reply|review|like this)\b.{0,30}
        (you must (be )?|please |to comment,? )?(logged|log|sign|signed) in to (post|leave|write|comment|reply)\b.{0,40}
        (join|start) the (conversation|discussion)
        (tell us|let us know|share your thoughts)( what you think)? in the comments( below| section)*
        (rate this|how useful was this) PIECE\??
        click on a star to rate it
        average rating:? \d.{0,60}
        (found|noticed|spotted|see) an? (mistake|error|typo)\b.{0,80}(ctrl|press|report|let us know).{0,60}
        report an? (error|mistake|typo|problem)( in (this|the) (text|PIECE))?
        comments (are|have been) (closed|disabled|turned off)\b.{0,40}
        this site uses akismet\b.{0,40}
        learn how your comment data is processed
    """,
    "comment counter": r"""
        \d[\d.,k]* (COUNTED)([ ,|•·/]+\d[\d.,k]* (COUNTED))*
        comments? ?[(\[]?\d+[)\]]?
        (post |page |total )?views: ?\d[\d.,k]*
        \d+ responses?( to .{1,120})?
        no comments( yet)?
        (view|show|see|read|hide|load)( all| more)?( \d+)? comments?( \(\d+\))?
    """,
    "advertisement": r"""
        (story|article|text|post) continues (below|after|under)\b.{0,40}
        (advertisement|ad)[ .:-]+(scroll|continue|story|article)\b.{0,40}
        (scroll( down)?|continue|keep) (reading )?(to continue|below)( reading)?
        (sponsored|promoted|paid|partner) (content|post|partnership)
        skip (this )?(ad|advert|advertisement)s?
    """,
    "link to other pages": r"""
        (READ|show|load) (more|also|next)( here| on this| about (it|this|us))?
        also (read|see|watch)(: .{1,200})?
        listen to this PIECE
        (READ) (more|also|next)( on this| about (it|this))?: .{1,200}
        (READ) (the )?(full|whole|original|entire|complete) (PIECE|text|interview|report)( here.{0,30})?
        (click|tap) (here|below)( (to|for) (read|see|view|watch|learn|more|the full)\b.{0,60})?
        (related|recommended|similar|further|more|previous|next|latest|most read|must read|popular|trending) (PIECES)
        (related|similar|recommended|further)( (PIECES))?: .{1,200}
        you (may|might|will|'ll)( also)? (like|love|enjoy|be interested in)( this| these| to read)?
        (recommended|suggested|picked|selected) for you
        don't miss: .{1,200}
        what to read next
    """,
    "copyright notice": r"""
        (.{0,100}[ .,|])?all rights reserved\b.{0,80}
        copyright (©|\(c\)|\d{4}).{0,120}
        (©|\(c\)) ?(copyright )?\d{4}.{0,120}
        this material may not be published, broadcast\b.{0,60}
        (proudly )?powered by (wordpress|blogger|drupal|ghost|medium|google|disqus)\b.{0,20}
    """,
    "date or byline": r"""
        \d+( |-)?min(ute)?s?\.?( of)? read(ing)?( time)?
        (estimated )?reading time:? .{1,20}
        (first |originally |last )?(published|updated|posted|modified|created)( on| at)?:? (WHEN).{0,40}
        ((additional )?reporting|editing|writing) by [^.]{3,80}(; ?(editing|writing|reporting) by [^.]{3,60})?
    """,
}

_BLOCKS = {
    "share buttons": r"""
        copy the link|link copied|copied|like( this)?:?( like)? loading
        share|shares|tweet|pin it|print|e-?mail|copy link|like this|follow( us)?|share( (this|on|via|it))+
        (like|love|enjoy) (it|this|what you (see|read))\?
        (share|like|follow|print|tweet|send)[ ,/|&]+(share|like|follow|print|tweet|send|SOCIAL)
    """,
    "subscription prompt": r"""
        donate( now| today)?|stay (tuned|connected)|your message has been sent
        subscribe|sign (up|in)|log ?(in|out)|register|newsletters?|my account|(create|make) (an?|your) account
    """,
    "cookie notice": r"""
        accept( all)?|reject( all)?|i (accept|agree)( (to )?the (terms|cookies|conditions)\b.{0,40})?|got it
    """,
    "reaction buttons": r"""
        (your )?reactions?
    """,
    "comment form": r"""
        (your |full |first |last )?(name|e-?mail( address)?|website|comment|message|phone)( ?\*| \(required\))
        e-?mail address|your (comment|rating|name)|rate|vote
        comments?|post comment|submit( comment)?|(cancel|leave a) reply|reply|website
    """,
    "comment counter": r"""
        [(\[]?\d+[)\]]? ?(COUNTED|votes?|points?|reads?)
    """,
    "advertisement": r"""
        advertis(ement|ing)s?|ads?|sponsored( by .{1,40})?|promoted|promotion
    """,
    "link to other pages": r"""
        related|see also|read more\b[^.,;?!]{0,80}|learn more about [^.,;?!]{1,60}|continue reading\b.{0,120}
        most (read|popular|viewed|shared|commented)|trending( now)?|editors?'?s? (picks?|choice)|top stories
        (top|latest|breaking|other|more) news|don't miss|source link|watch( live|: .{1,150})
        more (on this (story|topic)|from (this|our) \w+|(news|stories|articles|videos) (from|on|about) .{1,40})
        (previous|next|older|newer)( (post|article|story|page|entry))?s?|back to (top|home|homepage)
        (show|see|view|load) (more|less|all|gallery)|expand|collapse|view (photos|gallery|slideshow)
        (tags?|topics|categor(y|ies)|filed under|posted in|keywords|labels): .{1,150}
        (tags?|topics|categor(y|ies)|filed under|posted in)
        sources?: [^.,;?!]{1,40}
    """,
    "navigation": r"""
        text size|newest|oldest|most voted|continue|search for
        home(page)?|(main )?menu|search|contacts?( us)?|about( us)?|faqs?|sitemap|toggle navigation|close
        skip to (main )?content|terms (of (use|service)|(and|&) conditions)|privacy (policy|notice)
        loading|please wait|play( video)?|watch (the )?video( above| below)?|(page )?\d+ of \d+
        [^|>/»]{2,25}( ?[|>»] ?[^|>/».,]{2,25}){2,12}
        [^|>/»]{2,25}( / [^|>/».,]{2,25}){2,12}
    """,
    "date or byline": r"""
        ((date|published|updated|posted):? ?)?(WHEN)
        (posted|written|published) (by|in) [^.,;?!]{2,40}?( (on|at) (WHEN))?
        [^.,;:?!|]{3,40} ?[,|•·-] ?(WHEN)
    """,
    "link": r"""
        ((https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.-]+|[\w-]+(\.[\w-]+)*\.(com|org|net|info|ru|co\.uk)(/\S*)?)\
( (https?://|www\.)\S+)*
        [#@]\w+([ ,]+[#@]\w+)*
    """,
}


def _expanded(pattern: str) -> str:
    """A pattern with the names of _PARTS replaced by theirs, from the outside in."""
    return re.sub(r"\b[A-Z]{3,}\b", lambda name: f"(?:{_expanded(_PARTS[name[0]])})", pattern)


def _rules(patterns: dict[str, str]) -> tuple[Rule, ...]:
    return tuple(
        (kind, re.compile("|".join(_expanded(line.strip()) for line in lines.replace("\\\n", "").strip().splitlines())))
        for kind, lines in patterns.items()
    )


SENTENCE_RULES = _rules(_SENTENCES)
"""Complete phrases: furniture even in the middle of a paragraph."""

BLOCK_RULES = _rules(_BLOCKS)
"""Single words and fragments: furniture only when they are a whole paragraph or line."""
