"""The base classes of :class:`ftrack_rust.session.Session`, one for each subject, each derived from the one before.

``connection`` (where, as whom, and the settings of a thread), ``server`` (calling it, and the JSON for that),
``entities`` (asking, making, changing, committing), ``locations`` (where files are).

Starting a session is short in most programs. So these modules import at their top what is in memory in any case, and
the rest where it is used: a program pays for what it uses.
"""
