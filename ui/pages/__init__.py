"""The pages of the chat, one a file; each builds its components in the Gradio context that it is called in."""
