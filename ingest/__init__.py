"""From a source to a library: articles, their passages, and the indexes that questions are asked of."""
