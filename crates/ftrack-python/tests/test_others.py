"""Programs of others, which were written for the official client and know nothing of this one."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
import textwrap

import pytest

needs = pytest.mark.skipif(
    not (importlib.util.find_spec("ftrack_query") and importlib.util.find_spec("ftrack_action_handler")),
    reason="ftrack-query and ftrack-action-handler are not installed; `cargo xtask python` installs them",
)


def run(server, tmp_path, text):
    """Run a program as `python -m ftrack_rust` does, and return what it printed."""
    script = tmp_path / "program.py"
    script.write_text(textwrap.dedent(text))
    done = subprocess.run(
        [sys.executable, "-m", "ftrack_rust", str(script)],
        env={**server.environment(), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split("\n")


@needs
def test_ftrack_query_builds_and_runs_statements(server, tmp_path):
    printed = run(
        server,
        tmp_path,
        """
        import ftrack_api
        from ftrack_query import FTrackQuery, and_, attr, create, delete, or_, select, update
        with FTrackQuery(page_size=3) as session:
            assert isinstance(session, ftrack_api.Session)
            project = session.select('Project').where(name='last_lantern').one()
            sequence = session.query('Sequence where name is "dawn"').one()
            task = session.execute(create('Task').values(name='Old Task Name', parent=sequence))
            session.commit()
            assert task['project'] is project
            print(session.execute(
                update('Task').where(name='Old Task Name').values(name='New Task Name')))
            session.commit()
            statement = (
                select('Task')
                .where(
                    ~attr('status.name').in_(['Lighting', 'Rendering']),
                    or_(and_(name='New Task Name', project=project), name='none such'),
                )
                .populate('name', 'status.name')
                .order_by(attr('name').desc())
                .limit(5)
            )
            found = session.execute(statement).all()
            print(statement)
            assert found == [task] and found[0] is task, found
            print(session.execute(delete('Task').where(name='New Task Name')))
            session.commit()
            assert session.select('Task').where(name='New Task Name').first() is None
            assert len(session.execute(select('User'))) == len(session.query('User'))
        offline = FTrackQuery(debug=True)
        print(offline.select('Task').where(name='x'))
        """,
    )
    assert printed[0] == "1" and printed[2] == "1"
    assert printed[1].startswith("select name, status.name from Task where ")
    assert "Task where name is" in printed[3]


@needs
def test_ftrack_action_handler_answers(server, tmp_path):
    printed = run(
        server,
        tmp_path,
        """
        import time
        import ftrack_api
        from ftrack_action_handler.action import BaseAction

        class Count(BaseAction):
            label = 'Count'
            identifier = 'studio.count'
            description = 'Counts what is selected.'

            def discover(self, session, entities, event):
                return bool(entities)

            def launch(self, session, entities, event):
                names = [session.get(kind, key)['name'] for kind, key in entities]
                return {'success': True, 'message': '{0}: {1}'.format(len(names), ', '.join(names))}

        session = ftrack_api.Session()
        Count(session).register()
        session.event_hub.connect()
        task = session.query('Task').first()
        selection = [{'entityType': 'task', 'entityId': task['id']}]
        other = ftrack_api.Session(auto_connect_event_hub=True)
        replies = []

        def ask(topic, **data):
            del replies[:]
            event = ftrack_api.event.base.Event(topic, data=dict(selection=selection, **data))
            event['source'] = {'user': {'username': session.api_user}}
            other.event_hub.publish(event, on_reply=replies.append)
            end = time.time() + 60
            while not replies and time.time() < end:
                session.event_hub.wait(0.1)
                other.event_hub.wait(0.1)
            return replies[0]['data']

        session.event_hub.wait(0.5)
        found = ask('ftrack.action.discover')
        print(found['items'][0]['label'], found['items'][0]['actionIdentifier'])
        done = ask('ftrack.action.launch', actionIdentifier='studio.count')
        assert done['success'] and done['message'] == '1: ' + task['name'], done
        print('launched')
        """,
    )
    assert printed[:2] == ["Count studio.count", "launched"]


def examples():
    """The examples in the description of ftrack-query, as it is installed: pairs of a query of the official client and a
    statement that says the same, and the programs before them."""
    description = importlib.metadata.metadata("ftrack-query").get_payload()
    blocks = re.findall(r"^```python\n(.*?)^```$", description, re.MULTILINE | re.DOTALL)
    lines = [line for line in blocks[-1].splitlines() if line.strip()]
    assert len(lines) % 2 == 0 and all(line.startswith("#") for line in lines[::2]), lines
    # One statement has a method that the package does not have (any more).
    statements = [line.replace(").select(", ").populate(") for line in lines[1::2]]
    return list(zip(lines[::2], statements)), blocks[:3]


@needs
def test_the_examples_of_ftrack_query_say_the_same_as_queries(server, tmp_path):
    pairs, _ = examples()
    assert len(pairs) >= 10
    printed = run(
        server,
        tmp_path,
        """
        import arrow
        import ftrack_api
        import re
        from ftrack_query import FTrackQuery, and_, attr, or_, select
        session = FTrackQuery()
        project = session.query('Project').first()
        version_id = session.query('AssetVersion').first()['id']
        for query, statement in {0!r}:
            # Some are the text of a query, some the call that makes it.
            called = re.search(r"session\\.query\\((.*)\\)$", query)
            text = eval(called[1]) if called else query.lstrip('# ').replace('{{version_id}}', version_id)
            outcomes = []
            for ask in (lambda: session.execute(eval(statement)), lambda: session.query(text)):
                try:
                    outcomes.append({{entity['id']: entity for entity in ask()}})
                except ftrack_api.exception.ServerError as error:
                    # Projects of this server have no status that is an entity.
                    assert 'status.name' in str(error), error
                    outcomes.append(str(error))
            assert outcomes[0] == outcomes[1], (text, statement, outcomes)
            print(len(outcomes[0]) if isinstance(outcomes[0], dict) else 0)
        """.format(pairs),
    )
    # Not all find something, but they find the same.
    assert sum(map(int, filter(None, printed))) > 10


@needs
def test_the_programs_of_ftrack_query_run(server, tmp_path):
    # The second one is no Python, and calls its own package otherwise than that can be called.
    _, (basic, _, events) = examples()
    # What is left out there: some imports, and the handler of a subscription.
    assert "session.event_hub.wait()" in events
    events = events.replace("    ))\n", "    ), handle)\n").replace("wait()", "wait(1)")
    printed = run(
        server,
        tmp_path,
        """
        from getpass import getuser
        import ftrack_api
        from ftrack_query import FTrackQuery, and_, attr, create, delete, or_, select, update
        before = ftrack_api.Session()
        schema = before.query('ProjectSchema').first()
        made = dict(name='Test Project', full_name='Test Project', project_schema=schema)
        project = before.create('Project', made)
        before.create('Task', dict(name='Old Task Name', parent=project))
        before.commit()
        basic, events = {0!r}
        names = dict(globals())
        exec(basic, names)
        assert names['task']['name'] == 'My Task' and names['rows_updated'] == 1 and names['rows_deleted'] == 0
        found = {{task['name'] for task in before.query('Task where project.name is "Test Project"')}}
        assert found == {{'My Task', 'New Task Name'}}, found
        heard = []
        names.update(handle=heard.append)
        exec(events.replace('session.event_hub.subscribe', 'session.event_hub.connect(); session.event_hub.subscribe')
             .replace('session.event_hub.wait', 'before.query("Task where name is \\\\"My Task\\\\"").one()["description"]'
                      ' = "heard"; before.commit(); session.event_hub.wait'), names)
        assert heard and heard[0]['topic'] == 'ftrack.update', heard
        before.delete(project)
        before.commit()
        print('all ran')
        """.format((basic, events)),
    )
    assert printed[0] == "all ran"


@needs
def test_ftrack_action_handlers_advanced_actions_answer(server, tmp_path):
    printed = run(
        server,
        tmp_path,
        """
        import json
        import time
        import ftrack_api
        from ftrack_action_handler.action.advanced import AdvancedBaseAction

        class Render(AdvancedBaseAction):
            label, identifier = 'Render', 'studio.render'
            allowed_types = ['Task']

            def launch(self, session, entities, event):
                self.write_settings_to_user(event, {'quality': 'high'})
                job = self.create_job(event, 'Rendering')
                session.get(*entities[0])['description'] = 'rendered'
                self.mark_job_as_done(job, 'Rendered')
                return True

        session = ftrack_api.Session()
        action = Render(session, limit_to_user=session.api_user)
        action.register()
        session.event_hub.connect()
        other = ftrack_api.Session(auto_connect_event_hub=True)
        user = other.query('User where username is "{0}"'.format(other.api_user)).one()
        task, shot = other.query('Task').first(), other.query('Shot').first()
        replies = []

        def ask(topic, entity, **data):
            del replies[:]
            kind = 'task' if entity is task else 'shot'
            selection = [{'entityType': kind, 'entityId': entity['id']}]
            event = ftrack_api.event.base.Event(topic, data=dict(selection=selection, **data))
            event['source'] = {'user': {'username': user['username'], 'id': user['id']}}
            other.event_hub.publish(event, on_reply=replies.append)
            end = time.time() + (60 if entity is task else 2)
            while not replies and time.time() < end:
                session.event_hub.wait(0.1)
                other.event_hub.wait(0.1)
            return replies[0]['data'] if replies else None

        session.event_hub.wait(0.5)
        (item,) = ask('ftrack.action.discover', task)['items']
        assert item['actionIdentifier'] == action.identifier
        # Other types are refused.
        assert not ask('ftrack.action.discover', shot)
        done = ask('ftrack.action.launch', task, actionIdentifier=action.identifier)
        assert done == {'success': True, 'message': 'Render launched successfully.'}, done
        fresh = ftrack_api.Session()
        job = fresh.get('Job', action.job_id)
        assert job['status'] == 'done' and json.loads(job['data']) == {'description': 'Rendered'}
        assert fresh.get('Task', task['id'])['description'] == 'rendered'
        settings = action.read_settings_from_user({'source': {'user': {'username': user['username']}}})
        assert settings == {'quality': 'high'}
        print('launched')
        """,
    )
    assert printed[0] == "launched"
