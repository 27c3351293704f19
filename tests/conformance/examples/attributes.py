"""Usage examples: using metadata, using custom attributes, managing their configurations, link attributes, scopes."""

import json

import arrow
import ftrack_api

from _support import new_task, new_version, raises

session = ftrack_api.Session()
project = session.query('Project where name is "last_lantern"').one()
new_sequence = session.create('Sequence', {
    'name': 'of_examples', 'parent': project, 'metadata': {'frame_padding': '4', 'focal_length': '70'}
})
session.commit()

# [metadata 1]
print(new_sequence['metadata'].keys())

# [metadata 2]
print(sorted(new_sequence['metadata'].items()))

# [metadata 3]
print(new_sequence['metadata']['frame_padding'])

# [metadata 4]
new_sequence['metadata']['frame_padding'] = '5'
print(dict(new_sequence['metadata']))
new_sequence['metadata'] = {
    'frame_padding': '4'
}
print(dict(new_sequence['metadata']))
session.commit()

# [metadata 5]
print(session.query(
    'Sequence where metadata any (key is "frame_padding" and value is "4")'
).all())

# The demo production has the attribute of the documentation.
role = session.query('SecurityRole where name is "Administrator"').one()
text_type = session.query('CustomAttributeType where name is "text"').one()
task = new_task(session, 'with_attributes')
session = ftrack_api.Session()
task = session.get('Task', task['id'])

# [custom attributes 1]
print(task['custom_attributes'].keys())

# [custom attributes 2]
print(sorted(task['custom_attributes'].items(), key=str))

# [custom attributes 3]
print(task['custom_attributes']['my_text_field'])

# [custom attributes 4]
task['custom_attributes']['my_text_field'] = 'foo'
session.commit()
task['custom_attributes']['my_text_field'] = 'bar'
session.commit()

# [custom attributes 5]
for found in session.query(
    'Task where custom_attributes any '
    '(key is "my_text_field" and value is "bar")'
):
    print(found['name'])

# [custom attributes 7]
task = session.create('Task', {
    'name': 'new_with_attributes', 'parent': task['parent']
})
task['custom_attributes']['my_text_field'] = 'bar'
session.commit()

# [custom attributes 8]
# This will cause a server query.
print(task['custom_attributes']['my_text_field'])

# [custom attributes 9]
shot = task['parent']
session.create('CustomAttributeConfiguration', {
    'entity_type': 'task', 'is_hierarchical': True, 'type': text_type, 'label': 'Mine',
    'key': 'my_attribute', 'default': '', 'config': json.dumps({'markdown': False}),
    'write_security_roles': [role], 'read_security_roles': [role]
})
session.commit()
session = ftrack_api.Session()
shot, task = session.get('Shot', shot['id']), session.get('Task', task['id'])
shot['custom_attributes']['my_attribute'] = 'foo'
session.commit()
# The hierarchical attribute `my_attribute` is set on Shot but this will not
# be reflected on the children. Instead the raw value is returned.
print(shot['custom_attributes']['my_attribute'])
print(task['custom_attributes']['my_attribute'])

# [custom attributes 10]
shot = session.query('Shot where name is "010" and parent.name is "harbour"').one()
shot['custom_attributes']['fstart'] = 'test'
with raises(ftrack_api.exception.ServerError, 'Custom attribute value for "fstart" must be of type number'):
    session.commit()
session.rollback()

# [custom attributes 6]
parent = session.query('Shot where name is "010" and parent.name is "harbour"').one()
try:
    task = session.create('Task', {
        'name': 'created_with_attributes',
        'parent': parent,
        'custom_attributes': {
            'my_text_field': 'bar',
        },
    })
    session.commit()
    outcome = 'created'
except Exception as error:
    outcome = 'failed'
    session.rollback()
print(outcome)

# [configurations 1]
# Print all existing custom attribute configurations.
print(len(session.query('CustomAttributeConfiguration').all()))

# [configurations 2]
# Get the custom attribute type.
custom_attribute_type = session.query(
    'CustomAttributeType where name is "text"'
).one()
# Create a custom attribute configuration.
session.create('CustomAttributeConfiguration', {
    'entity_type': 'assetversion',
    'type': custom_attribute_type,
    'label': 'Asset version text attribute',
    'key': 'asset_version_text_attribute',
    'default': 'bar',
    'config': json.dumps({'markdown': False})
})
# Persist it to the ftrack instance.
session.commit()

# [configurations 3]
my_project = project = session.query('Project where name is "last_lantern"').one()
# Create a custom attribute configuration.
custom_attribute_configuration = session.create('CustomAttributeConfiguration', {
    # Set the `project_id` and the custom attribute will only be available
    # on `my_project`.
    'project_id': my_project['id'],
    'entity_type': 'assetversion',
    'type': custom_attribute_type,
    'label': 'Asset version text attribute',
    'key': 'asset_version_text_attribute_of_project',
    'default': 'bar',
    'config': json.dumps({'markdown': False})
})
session.commit()

# [configurations 4]
custom_attribute_configuration['project_id'] = None
session.commit()
print(custom_attribute_configuration['project_id'])

# [configurations 5]
custom_attribute_type = session.query(
    'CustomAttributeType where name is "text"'
).one()
object_type = session.query('ObjectType where name is "Folder"').one()
session.create('CustomAttributeConfiguration', {
    'entity_type': 'task',
    'object_type_id': object_type['id'],
    'type': custom_attribute_type,
    'label': 'Foo',
    'key': 'foo',
    'default': 'bar',
})
session.commit()

# [configurations 6]
# Get the custom attribute type.
custom_attribute_type = session.query(
    'CustomAttributeType where name is "text"'
).one()
# Create a custom attribute configuration.
session.create('CustomAttributeConfiguration', {
    'entity_type': 'assetversion',
    'type': custom_attribute_type,
    'label': 'Asset version text attribute',
    'key': 'asset_version_second_text_attribute',
    'default': 'bar',
    'config': json.dumps({'markdown': False})
})
# Persist it to the ftrack instance.
session.commit()

# [configurations 7]
custom_attribute_type = session.query(
    'CustomAttributeType where name is "enumerator"'
).first()
session.create('CustomAttributeConfiguration', {
    'entity_type': 'assetversion',
    'type': custom_attribute_type,
    'label': 'Enumerator attribute',
    'key': 'enumerator_attribute',
    'default': ['bar'],
    'config': json.dumps({
        'multiSelect': True,
        'data': json.dumps([
            {'menu': 'Foo', 'value': 'foo'},
            {'menu': 'Bar', 'value': 'bar'}
        ])
    })
})
session.commit()

# [configurations 8]
custom_attribute_type = session.query(
    'CustomAttributeType where name is "number"'
).first()
custom_attribute_configuration = session.create('CustomAttributeConfiguration', {
    'entity_type': 'assetversion',
    'type': custom_attribute_type,
    'label': 'Number attribute',
    'key': 'number_attribute',
    'default': 42,
    'config': json.dumps({
        'isdecimal': True
    })
})
session.commit()

# [configurations 9]
# Change the default value of custom attributes. This will only affect
# newly created entities.
custom_attribute_configuration['default'] = 43
session.commit()
print(custom_attribute_configuration['default'])

# [configurations 10]
# Pick random security role.
security_role = session.query('SecurityRole').first()
custom_attribute_type = session.query(
    'CustomAttributeType where name is "date"'
).first()
session.create('CustomAttributeConfiguration', {
    'entity_type': 'assetversion',
    'type': custom_attribute_type,
    'label': 'Date attribute',
    'key': 'date_attribute',
    'default': arrow.Arrow(2017, 2, 8),
    'write_security_roles': [security_role],
    'read_security_roles': [security_role]
})
session.commit()

# [configurations 11]
group = session.query('CustomAttributeGroup').first()
security_role = session.query('SecurityRole').first()
custom_attribute_type = session.query(
    'CustomAttributeType where name is "enumerator"'
).first()
session.create('CustomAttributeConfiguration', {
    'entity_type': 'assetversion',
    'type': custom_attribute_type,
    'label': 'Enumerator attribute',
    'key': 'enumerator_attribute_in_group',
    'default': ['bar'],
    'config': json.dumps({
        'multiSelect': True,
        'data': json.dumps([
            {'menu': 'Foo', 'value': 'foo'},
            {'menu': 'Bar', 'value': 'bar'}
        ])
    }),
    'group': group,
    'write_security_roles': [security_role],
    'read_security_roles': [security_role]
})
session.commit()
version = new_version(session, 'configured')
print(sorted(ftrack_api.Session().get('AssetVersion', version['id'])['custom_attributes'].items(), key=str))

# [link attributes 1]
new_task(session, 'myTask')
task = session.query(
    'select link from Task where name is "myTask"'
).first()
print([item['name'] for item in task['link']])

# [link attributes 2]
entities = []
for item in task['link']:
    entities.append(session.get(item['type'], item['id']))
print([entity['name'] for entity in entities])

# [link attributes 3]
for timelog in session.query(
    'select context.link, start, duration from Timelog '
    'where user.username is "john.doe"'
):
    print([item['name'] for item in timelog['context']['link']], timelog['start'], timelog['duration'])

# [link attributes 4]
for asset_version in session.query(
    'select link from AssetVersion '
    'where user.username is "john.doe"'
):
    print([item['name'] for item in asset_version['link']])

# [scopes 1]
tasks = session.query(
    'Task where scopes.name is "London"'
)

# [scopes 2]
task = tasks[0]
scope = session.query(
    'Scope where name is "London"'
)[0]
if scope in task['scopes']:
    task['scopes'].remove(scope)
else:
    task['scopes'].append(scope)
session.commit()
print(len(task['scopes']))
