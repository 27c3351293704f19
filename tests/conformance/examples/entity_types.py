"""Chapter "Customising entity types": each factory is a plugin in a folder of its own."""

import os
import tempfile

import ftrack_api

FACTORY = '''
import ftrack_api.entity.base
import ftrack_api.entity.factory

{0}


def register(session):
    """Register plugin with *session*."""
    factory = Factory()

    def construct_entity_type(event):
        """Return class to represent entity type specified by *event*."""
        return factory.create(event['data']['schema'])

    session.event_hub.subscribe(
        'topic=ftrack.api.session.construct-entity-type',
        construct_entity_type
    )
'''


def use(factory):
    """Have the sessions that start from now on make their classes by *factory*."""
    folder = tempfile.mkdtemp()
    with open(os.path.join(folder, "construct_entity_type.py"), "w") as plugin:
        plugin.write(FACTORY.format(factory))
    os.environ["FTRACK_EVENT_PLUGIN_PATH"] = folder


# [entity types 1]
session = ftrack_api.Session()
user = session.query('User').first()
with session.auto_populating(False):
    print(sorted(user.items(), key=lambda item: item[0]))

# [entity types 2]
use('''
class Factory(ftrack_api.entity.factory.StandardFactory):
    """Entity class factory."""

    def create(self, schema, bases=None):
        """Create and return entity class from *schema*."""
        cls = super(Factory, self).create(schema, bases=bases)

        # Further customise cls before returning.
        if schema['id'] == 'User':
            cls.default_projections = ['id', 'username']

        return cls
''')

# [entity types 3]
session = ftrack_api.Session()
user = session.query('User').first()
with session.auto_populating(False):
    print(sorted(user.items(), key=lambda item: item[0]))

# [entity types 4]
session = ftrack_api.Session()
user = session.query('select id from User').first()
with session.auto_populating(False):
    print(sorted(user.items(), key=lambda item: item[0]))

# [entity types 5]
use('''
def get_full_name(self):
    """Return full name for user."""
    return '{0} {1}'.format(self['first_name'], self['last_name']).strip()


class Factory(ftrack_api.entity.factory.StandardFactory):
    """Entity class factory."""

    def create(self, schema, bases=None):
        """Create and return entity class from *schema*."""
        cls = super(Factory, self).create(schema, bases=bases)

        # Further customise cls before returning.
        if schema['id'] == 'User':
            cls.get_full_name = get_full_name

        return cls
''')

# [entity types 6]
session = ftrack_api.Session()
user = session.query('User').first()
print(user.get_full_name())

# [entity types 7]
use('''
class CustomUser(ftrack_api.entity.base.Entity):
    """Represent user."""

    def get_full_name(self):
        """Return full name for user."""
        return '{0} {1}'.format(self['first_name'], self['last_name']).strip()


class Factory(ftrack_api.entity.factory.StandardFactory):
    """Entity class factory."""

    def create(self, schema, bases=None):
        """Create and return entity class from *schema*."""
        # Alter base class for constructed class.
        if bases is None:
            bases = [ftrack_api.entity.base.Entity]

        if schema['id'] == 'User':
            bases = [CustomUser]

        cls = super(Factory, self).create(schema, bases=bases)
        return cls
''')

# [entity types 8]
session = ftrack_api.Session()
user = session.query('User').first()
print(user.get_full_name())

# [entity types 9]
print([cls.__name__ for cls in type(user).__mro__ if cls.__name__ in ("User", "CustomUser", "Entity")])
print(repr(type(user)))
