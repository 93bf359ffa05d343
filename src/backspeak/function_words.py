"""English words that are no name, whatever capital their place gives them: the closed classes, common adverbs."""

from __future__ import annotations

_WORDS = """
a an the this that these those each every either neither both all some any no none many much more most few fewer
several another other others such own same
i you he she it we they me him her us them my your his its our their mine yours hers ours theirs
myself yourself himself herself itself ourselves themselves
who whom whose which what where when why how whether whoever whatever whichever wherever whenever however
someone somebody something anyone anybody anything everyone everybody everything nobody nothing people
about above across after against along alongside amid among around as at before behind below beneath beside besides
between beyond by concerning despite down during except excluding following for from given in including inside into
like near notwithstanding of off on onto out outside over past per regarding since than through throughout till to
toward towards under underneath unlike until up upon versus via with within without
and but or nor so yet because although though while whereas if unless once lest provided
is are was were be been being am do does did done doing have has had having
can could might must shall should would let
here there now then today tonight tomorrow yesterday again already also always almost altogether anyway away back
currently earlier else elsewhere enough especially even eventually ever finally first firstly further furthermore
generally hence hereby hitherto immediately indeed initially instead just last lastly lately later likewise mainly
maybe meanwhile moreover mostly namely nearly never nevertheless next nonetheless normally not often only
originally otherwise overall particularly perhaps possibly previously probably quite rarely rather really recently
second secondly seldom similarly simply slowly sometimes soon specifically still subsequently suddenly therefore
third thirdly thus together too traditionally typically ultimately undoubtedly unfortunately usually very well
according additionally accordingly afterwards apart apparently certainly clearly consequently contrary due
fortunately obviously thanks yes please
"""

FUNCTION_WORDS = frozenset(_WORDS.split())
