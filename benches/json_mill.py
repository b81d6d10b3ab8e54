import json

data = {'users': [{'id': i, 'name': f'user {i}', 'tags': ['a', 'b', str(i)], 'score': i / 7,
                   'active': i % 2 == 0, 'extra': None} for i in range(1500)]}
for _ in range(5):
    text = json.dumps(data)
    assert json.loads(text) == data
