"""The faces: the `dateline` command and the Gradio chat. They decide nothing."""
