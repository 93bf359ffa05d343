"""Page furniture: what is recognised, by which name, and what must not be."""

from __future__ import annotations

import pytest

from backspeak.formats.furniture import furniture_reason, furniture_sentence_reason

FURNITURE = {
    "share buttons": [
        "Share this article",
        "Share it with your friends!",
        "Did you like this story? Tell your friends!",
        "Share on Facebook",
        "Share via WhatsApp, Telegram or Email",
        "Click to share on Reddit (Opens in new window)",
        "Follow us on Instagram @lampnews",
        "Facebook Twitter WhatsApp Email",
        "LinkedIn",
        "Tweet",
        "Share:",
    ],
    "subscription prompt": [
        "Sign up for our weekly newsletter",
        "Subscribe now!",
        "Get the best stories of the week delivered to your inbox",
        "Never miss a story",
        "Subscribe to our Telegram channel",
        "Thank you for reading!",
        "Download our app",
        "Already a subscriber? Log in here",
        "Enter your email address to receive updates",
    ],
    "cookie notice": [
        "We use cookies to ensure that we give you the best experience on our website.",
        "By continuing to browse this site you agree to our use of cookies.",
        "Accept all cookies",
        "Cookie settings",
    ],
    "reaction buttons": ["What’s your reaction?", "sad sad", "WOW WOW", "Love 3", "Happy Sad Angry"],
    "comment form": [
        "Your e-mail address will not be published. Required fields are marked *",
        "Save my name, email, and website in this browser for the next time I comment.",
        "Leave a comment",
        "Be the first to comment",
        "You must be logged in to post a comment.",
        "Email *",
        "Comments are closed.",
        "Tell us what you think in the comments below",
        "Found a mistake? Select it and press Ctrl+Enter",
    ],
    "comment counter": [
        "14 comments",
        "Comments (3)",
        "1.2k shares · 300 views",
        "No comments yet",
        "View all 12 comments",
    ],
    "advertisement": ["Advertisement", "ADVERTISEMENT", "Story continues below advertisement", "Sponsored content"],
    "link to other pages": [
        "Read more",
        "READ MORE: Ferry runs aground in the fog",
        "Related articles",
        "You may also like",
        "Click here to read the full interview",
        "Most read",
        "← Previous post",
        "Tags: harbour, storm, ferry",
        "Recommended for you",
    ],
    "copyright notice": [
        "© 2023 The Cape Lamp. All rights reserved.",
        "All rights reserved",
        "Copyright 2024 Cape Media Ltd",
    ],
    "date or byline": [
        "12 May 2023",
        "Monday, March 4, 2024, 10:30 GMT",
        "Updated: 3 hours ago",
        "Published on 2023-05-12",
        "By Ingrid Solberg",
        "By Ingrid Solberg and Tom Ruiz in Bergen",
        "Ingrid Solberg | 12 May 2023",
        "5 min read",
    ],
    "photo credit": [
        "Visitors climb the lighthouse stairs at night © Nils Berg / Reuters",
        "© Nils Berg / Alamy",
        "Photo: Nils Berg",
        "Photo by Nils Berg/AFP via Getty Images",
        "Image credit: Harbour Museum",
        "The old pier after the storm. (AP Photo/Nils Berg)",
        "The old pier after the storm. Nils Berg/AFP",
        "The mayor, Lena Brandt, opens the ferry terminal. Photograph: Nils Berg/EPA",
        "Getty Images",
        "Image copyright Harbour Museum",
        "FILE PHOTO: The pier at night. REUTERS/Nils Berg",
        "File photo",
    ],
    "link": ["https://lamp.example.com/story?id=7", "www.example.com", "#harbour #storm", "editor@example.com"],
    "navigation": [
        "Home > News > Harbour",
        "Home | News | Sport | Contact",
        "Skip to main content",
        "Privacy policy | Terms of use",
    ],
}

SENTENCES = [
    "Share prices fell.",
    "We like it.",
    "They share a boat.",
    "Share it with him when he comes.",
    "The sisters share the work with their friends.",
    "He shared the photo on Facebook.",
    "Facebook shares rose.",
    "Facebook and Twitter were blocked for two days.",
    "Like many others, she left.",
    "Did you like it?",
    "Do you like the harbour? I do.",
    "Follow the river to the sea.",
    "Follow us if you can!",
    "Join us on Friday for the opening of the pier.",
    "Sign the paper.",
    "He signed up for the navy.",
    "Cookies were served with tea.",
    "We use cookies as bait.",
    "The site uses cookies, the court found, to follow children.",
    "Your reaction surprised us.",
    "What was your reaction?",
    "Bye bye!!",
    "Boutros Boutros",
    "It was very, very cold.",
    "No comment.",
    "Comments by the minister caused a storm.",
    "He read more than he wrote.",
    "Read it again.",
    "Learn more about the sea, he told them, and you will fear it.",
    "More on that later.",
    "Related problems were found in two other ports.",
    "The next story is worse.",
    "Advertisement spending doubled last year.",
    "Copyright law is complex.",
    "They kept all rights to the song.",
    "On 12 May 2023 the ferry sank.",
    "May was cold.",
    "By Monday the pier was gone.",
    "By then, nobody cared.",
    "Three hours ago the wind turned.",
    "It takes five minutes to read.",
    "Photos of the pier were sold at auction.",
    "The photo shows a man on a pier.",
    "He works for Reuters.",
    "Reuters reported the sinking first.",
    "The minister told AFP that the port would close.",
    "The port will close, the minister said. (Reuters)",
    "Visit www.example.com for tickets to the lighthouse.",
    "The house is for sale.",
    "Home is where the lamp burns.",
    "Search teams went out at dawn.",
    "Close the gate!",
    "Contact with the boat was lost.",
    "Topics such as love and death fill the book.",
    "Lamp lit again after eleven years",
    "Ferry runs aground near the cape",
    "Download speeds doubled in May.",
    "Support for the plan fell.",
    "Thank you, he said.",
    "Watch the sea.",
    "Posted to the cape, he wrote letters.",
    "He found a mistake in the plan.",
    "I accept that the pier is lost.",
    "Why?",
    "“Yes,” he said.",
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in FURNITURE.items() for text in texts])
def test_furniture_is_recognised(kind: str, text: str) -> None:
    assert furniture_reason(text) == f"page furniture: {kind}"


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences_are_not(text: str) -> None:
    assert furniture_reason(text) is None
    assert furniture_sentence_reason(text) is None


@pytest.mark.parametrize("text", ["Share this article.", "Read the full story here.", "All rights reserved."])
def test_complete_phrases_are_recognised_inside_a_paragraph(text: str) -> None:
    assert furniture_sentence_reason(text) is not None


@pytest.mark.parametrize("text", ["Search.", "Ingrid Solberg, 12 May 2023.", "Sources: none.", "Print."])
def test_fragments_are_not_recognised_inside_a_paragraph(text: str) -> None:
    assert furniture_sentence_reason(text) is None


def test_a_doubled_word_among_doubled_words_is_a_reaction_button() -> None:
    assert furniture_reason("zen zen") is None
    assert furniture_reason("zen zen", before="sad sad") == "page furniture: reaction buttons"
    assert furniture_reason("zen zen", after="sad sad") == "page furniture: reaction buttons"


CREDITED = "Visitors climb the old stairs of the lighthouse at night © Nils Berg / Reuters"


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_caption_that_repeats_a_credited_one(place: str) -> None:
    caption = "Guests climbing the old stairs of the lighthouse at night"
    assert furniture_reason(caption) is None
    assert furniture_reason(caption, **{place: CREDITED}) == "page furniture: repeated caption"


@pytest.mark.parametrize(
    "text",
    [
        "Guests climbing the old stairs of the lighthouse at night were surprised by the storm.",
        "Council refuses to pay for the ferry",
        "At night",
    ],
)
def test_prose_beside_a_credited_caption_stays(text: str) -> None:
    assert furniture_reason(text, before=CREDITED, after=CREDITED) is None


def test_long_text_is_never_furniture() -> None:
    assert furniture_reason("Share this article. " * 100) is None


@pytest.mark.parametrize("text", ["", " ", "***", "—"])
def test_text_without_words_is_left_to_others(text: str) -> None:
    assert furniture_reason(text) is None
