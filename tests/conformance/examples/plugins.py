"""Chapter "Configuring plugins": what the plugins say is in a folder that the script writes."""

import logging
import os
import tempfile

import ftrack_api

folder = tempfile.mkdtemp()

# [plugins 1]
with open(os.path.join(folder, "locations.py"), "w") as plugin:
    plugin.write('''
def configure_locations(event):
    """Configure locations for session."""
    session = event['data']['session']
    location = session.query('Location where name is "ftrack.unmanaged"').one()
    location.priority = 7


def register(session):
    """Register plugin with *session*."""
    session.event_hub.subscribe(
        'topic=ftrack.api.session.configure-location',
        configure_locations
    )
''')
os.environ["FTRACK_EVENT_PLUGIN_PATH"] = folder
session = ftrack_api.Session()
print(session.query('Location where name is "ftrack.unmanaged"').one().priority)

# [plugins 2]
with open(os.path.join(folder, "a_plugin.py"), "w") as plugin:
    plugin.write('''
def register(session, reticulate_splines=False):
    """Register plugin with *session*."""
    session.reticulated = reticulate_splines
''')
session = ftrack_api.Session(
    plugin_arguments={
        'reticulate_splines': True,
        'some_other_argument': 42
    }
)
print(session.reticulated)

# [plugins 3]
with open(os.path.join(folder, "example_plugin.py"), "w") as plugin:
    plugin.write('''
import logging


def register(session, **kw):
    """Register plugin."""
    logger = logging.getLogger('com.example.example-plugin')
    logger.debug('Plugin registered')
''')


class Listed(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append("{0}:{1}:{2}".format(record.levelname, record.name, record.getMessage()))


listed = Listed()
plugin_logger = logging.getLogger('com.example.example-plugin')
plugin_logger.addHandler(listed)
plugin_logger.setLevel(logging.DEBUG)
plugin_paths = [folder]
session = ftrack_api.Session(plugin_paths=plugin_paths)
print(listed.lines)
