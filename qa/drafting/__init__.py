"""Questions that an article answers, drafted from its sentences by rules, in English and Spanish.

A sentence is asked about only where its parts are told apart for sure; every other is left alone.
"""

from qa.drafting.drafts import Drafted, drafts, whole_sentences
from qa.drafting.known import sort_of

__all__ = ["Drafted", "drafts", "sort_of", "whole_sentences"]
