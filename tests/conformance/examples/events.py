"""Chapter "Handling events". Waiting is shorter than in the documentation."""

import os
import signal
import threading

import ftrack_api
import ftrack_api.event.base

session = ftrack_api.Session(auto_connect_event_hub=False)
session.event_hub.connect()
publisher = ftrack_api.Session()
publisher.event_hub.connect()
seen = []

# [events 1]
def my_callback(event):
    """Event callback printing all new or updated entities."""
    for entity in event['data'].get('entities', []):
        # Print data for the entity.
        seen.append((entity['entityType'], entity['action'], sorted(entity.get('keys') or [])))


# Subscribe to events with the update topic.
session.event_hub.subscribe('topic=ftrack.update', my_callback)

# [events 2]
def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


# Wait for events to be received and handled.
threading.Timer(1, interrupt).start()
try:
    session.event_hub.wait()
except KeyboardInterrupt:
    print('cancelled')

# [events 3]
sequence = publisher.query('Sequence where name is "harbour"').one()
sequence['description'] = 'Changed'
publisher.commit()
# Only wait and process events for a while.
session.event_hub.wait(duration=1.5)
print(seen)

# [events 4]
session.event_hub.subscribe(
    'topic=ftrack.update',
    my_callback,
    subscriber={
        'id': 'my-unique-subscriber-id',
        'applicationId': 'maya'
    }
)
print(session.event_hub.get_subscriber_by_identifier('my-unique-subscriber-id').metadata)

# [events 5]
def on_event(event):
    # Send following data in automatic reply.
    return {'success': True, 'message': 'Cool!'}


session.event_hub.subscribe('topic=test-reply', on_event)
session.event_hub.wait(duration=0.5)

# [events 6]
called = []


def callback_a(event):
    """Stop the event!"""
    called.append('Callback A')
    event.stop()


def callback_b(event):
    """Never run."""
    called.append('Callback B')


session.event_hub.subscribe(
    'topic=test-stop-event', callback_a, priority=10
)
session.event_hub.subscribe(
    'topic=test-stop-event', callback_b, priority=20
)
session.event_hub.wait(duration=0.5)
session.event_hub.publish(
    ftrack_api.event.base.Event(topic='test-stop-event')
)
session.event_hub.wait(duration=1.5)
print(called)

# [events 7]
event = ftrack_api.event.base.Event(
    topic='my-company.some-topic',
    data={'key': 'value'}
)
session.event_hub.publish(event)
print(event['topic'], event['data'])

# [events 8]
session.event_hub.publish(ftrack_api.event.base.Event(
    topic='my-company.some-topic',
    data={'key': 'value'},
    source={
        'applicationId': 'maya'
    }
))

# [events 9]
def callback_a(event):
    return 'A'


def callback_b(event):
    return 'B'


session.event_hub.subscribe(
    'topic=test-synchronous', callback_a, priority=10
)
session.event_hub.subscribe(
    'topic=test-synchronous', callback_b, priority=20
)
results = session.event_hub.publish(
    ftrack_api.event.base.Event(topic='test-synchronous'),
    synchronous=True
)
print(results)

# [events 10]
replies = []


def handle_reply(event):
    replies.append(event['data'])


publisher.event_hub.publish(
    ftrack_api.event.base.Event(topic='test-reply'),
    on_reply=handle_reply
)
for _ in range(3):
    session.event_hub.wait(duration=0.5)
    publisher.event_hub.wait(duration=0.5)
print(replies)

# [events 11]
targeted = []
session.event_hub.subscribe(
    'topic=my-company.topic', lambda event: targeted.append('mine'), subscriber={'id': 'my-custom-subscriber-id'}
)
session.event_hub.subscribe(
    'topic=my-company.topic', lambda event: targeted.append('other'), subscriber={'id': 'another'}
)
session.event_hub.wait(duration=0.5)
session.event_hub.publish(
    ftrack_api.event.base.Event(
        topic='my-company.topic',
        data={'key': 'value'},
        target='id=my-custom-subscriber-id'
    )
)
session.event_hub.wait(duration=1.5)
print(targeted)

# [events 12]
import ftrack_api.event.expression

parser = ftrack_api.event.expression.Parser()
expression = parser.parse('topic=ftrack.location.component-added')
print(expression.match({'topic': 'ftrack.location.component-added'}), expression.match({'topic': 'other'}))

# [events 13]
expression = parser.parse('topic=ftrack.location.component-added and data.locationId=london')
print(expression.match({'topic': 'ftrack.location.component-added', 'data': {'locationId': 'london'}}))
print(expression.match({'topic': 'ftrack.location.component-added', 'data': {}}))

# [events 14]
expression = parser.parse('topic=ftrack.*')
print(expression.match({'topic': 'ftrack.update'}), expression.match({'topic': 'studio.update'}))
