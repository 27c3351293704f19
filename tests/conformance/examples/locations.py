"""Chapter "Locations"."""

import os

# [locations 1]
import ftrack_api

session = ftrack_api.Session()

# [locations 2]
location = session.create('Location', dict(name='my.location'))
session.commit()

# [locations 3]
# Retrieve location by unique id.
location_by_id = session.get('Location', location['id'])
# Retrieve location by name.
location_by_name = session.query(
    'Location where name is "my.location"'
).one()
print(location_by_id is location_by_name)

# [locations 4]
all_locations = session.query('Location').all()
for existing_location in sorted(all_locations, key=lambda location: location['name']):
    print(existing_location['name'])

# [locations 5]
import tempfile
import ftrack_api.accessor.disk
import ftrack_api.structure.id

# Assign a disk accessor with *temporary* storage
location.accessor = ftrack_api.accessor.disk.DiskAccessor(
    prefix=tempfile.mkdtemp()
)
# Assign using ID structure.
location.structure = ftrack_api.structure.id.IdStructure()
# Set a priority which will be used when automatically picking locations.
# Lower number is higher priority.
location.priority = 30
print(session.pick_location())

# [locations 6]
(_, component_path) = tempfile.mkstemp(suffix='.txt')
component_a = session.create_component(path=component_path)
print(session.pick_location(component_a))

# [locations 7]
(_, component_path) = tempfile.mkstemp(suffix='.txt')
component_b = session.create_component(
    path=component_path, location=location
)
print(location.get_component_availability(component_b))

# [locations 8]
(_, component_path) = tempfile.mkstemp(suffix='.txt')
component_c = session.create_component(path=component_path, location=None)
print(location.get_component_availability(component_c))
session.commit()

# [locations 9]
origin_location = session.query(
    'Location where name is "ftrack.origin"'
).one()
location.add_component(component_c, origin_location)
print(location.get_component_availability(component_c))

# [locations 10]
location.remove_component(component_b)
print(location.get_component_availability(component_b))

# [locations 11]
import ftrack_api.entity.location

unmanaged = session.create('Location', dict(name='my.unmanaged'))
session.commit()
ftrack_api.mixin(unmanaged, ftrack_api.entity.location.UnmanagedLocationMixin)
unmanaged.accessor = ftrack_api.accessor.disk.DiskAccessor(prefix='')
unmanaged.structure = ftrack_api.structure.id.IdStructure()
unmanaged.add_component(component_c, origin_location)
print(os.path.exists(unmanaged.get_filesystem_path(component_c)))
print(type(unmanaged).__name__)

# [locations 12]
print(location.get_filesystem_path(component_c))
print(os.path.exists(location.get_filesystem_path(component_c)))

# [locations 13]
print(session.get_component_availability(component_c)[location['id']])

# [locations 14]
print(component_c.get_availability()[location['id']])
print(location.get_component_availability(component_c))

# [locations 15]
location = session.query('Location where name is "my.location"').one()
location.structure = ftrack_api.structure.id.IdStructure()
location.priority = 50
print(location.priority)

# [locations 16]
folder = tempfile.mkdtemp()
with open(os.path.join(folder, "plugin.py"), "w") as plugin:
    plugin.write('''
import ftrack_api
import ftrack_api.entity.location
import ftrack_api.accessor.disk
import ftrack_api.structure.id


def configure_locations(event):
    """Configure locations for session."""
    session = event['data']['session']
    # Find location(s) and customise instances.
    location = session.query('Location where name is "my.location"').one()
    ftrack_api.mixin(location, ftrack_api.entity.location.UnmanagedLocationMixin)
    location.accessor = ftrack_api.accessor.disk.DiskAccessor(prefix='')
    location.structure = ftrack_api.structure.id.IdStructure()
    location.priority = 50


def register(session):
    """Register plugin with *session*."""
    session.event_hub.subscribe(
        'topic=ftrack.api.session.configure-location',
        configure_locations
    )
''')
configured = ftrack_api.Session(plugin_paths=[folder])
picked = configured.pick_location()
print(picked, picked.priority, type(picked.structure).__name__, type(picked.accessor).__name__)

# [locations 17]
events = []
session.event_hub.connect()
for topic in (
    ftrack_api.symbol.COMPONENT_ADDED_TO_LOCATION_TOPIC,
    ftrack_api.symbol.COMPONENT_REMOVED_FROM_LOCATION_TOPIC,
):
    session.event_hub.subscribe('topic={0}'.format(topic), events.append)
session.event_hub.wait(duration=0.5)
location.remove_component(component_c)
session.event_hub.wait(duration=1.5)
print([(event['topic'], event['data']) for event in events])
