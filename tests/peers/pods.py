"""Runs the pods of this program's jobs as processes, where a cluster has no machines of its own: what a kubelet would do with a container, with the
pod's own command and variables. Pods must ask for a node that the cluster does not have, so that nobody else runs them.

    tests/peers/pods.py KUBECONFIG NAMESPACE FAIR FOLDER [fail | evict]

fail: every pod ends at once with status 3, saying why. evict: once the first checkpoint's epoch is told, rank 1 is evicted, once. Ends with SIGTERM."""
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path


class Cluster:
    def __init__(self, kubeconfig, namespace):
        text = Path(kubeconfig).read_text()  # of the test server: one cluster, one user
        self.url = re.search(r'server: "?([^",\s]+)', text).group(1)
        self.token = re.search(r'token: "?([^",}\s]+)', text).group(1)
        self.tls = ssl.create_default_context(cafile=re.search(r'certificate-authority: "?([^",}\s]+)', text).group(1))
        self.pods = f'/api/v1/namespaces/{namespace}/pods'
        self.maps = f'/api/v1/namespaces/{namespace}/configmaps'

    def ask(self, method, path, body=None, kind='application/json'):
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else json.dumps(body).encode())
        request.add_header('authorization', 'Bearer ' + self.token)
        request.add_header('content-type', kind)
        with urllib.request.urlopen(request, context=self.tls, timeout=20) as answer:
            return json.load(answer)

    def ask_if_there(self, *request):
        try:
            return self.ask(*request)
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return None

    def status(self, name, status):
        self.ask_if_there('PATCH', f'{self.pods}/{name}/status', {'status': status}, 'application/strategic-merge-patch+json')


def free_port():
    for port in range(20000 + os.getpid() % 9000, 30000):  # below those that connections begin from
        with socket.socket() as listener:
            try:
                listener.bind(('127.0.0.1', port))
                return str(port)
            except OSError:
                pass


def variables_of(pod, folder, ports):
    """The container's own variables, with the pod's folders and addresses as they are here."""
    out = {k: v for k, v in os.environ.items() if k in ('PATH', 'HOME', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'no_proxy')}
    for one in pod['spec']['containers'][0]['env']:
        value = one.get('value')
        if value is None:
            key = re.search(r"\['(.*)'\]", one['valueFrom']['fieldRef']['fieldPath']).group(1)
            value = pod['metadata']['annotations'][key]
        out[one['name']] = value.replace('/etc/fair', str(folder / 'etc')).replace('/work', str(folder / 'work'))
    if 'MASTER_ADDR' in out:
        out['MASTER_PORT'] = ports.setdefault(out['MASTER_ADDR'], free_port())
        out['MASTER_ADDR'] = '127.0.0.1'
    return out


def container(**state):
    return [{'name': 'fair', 'image': 'test', 'imageID': '', 'ready': False, 'restartCount': 0, 'state': state}]


def main():
    kubeconfig, namespace, fair, place = sys.argv[1:5]
    mode = sys.argv[5] if len(sys.argv) > 5 else ''
    cluster, running, seen, ports, evicted = Cluster(kubeconfig, namespace), {}, set(), {}, False
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    while not stop:
        pods = cluster.ask('GET', cluster.pods + '?labelSelector=app.kubernetes.io/name%3Dfair-edge')['items']
        for pod in pods:
            uid, name = pod['metadata']['uid'], pod['metadata']['name']
            if uid in seen or pod['status']['phase'] != 'Pending' or 'deletionTimestamp' in pod['metadata']:
                continue
            seen.add(uid)
            if mode == 'fail':
                cluster.status(name, {'phase': 'Failed', 'containerStatuses': container(
                    terminated={'exitCode': 3, 'reason': 'Error', 'message': 'fair: the disk of this machine is full\n'})})
                continue
            folder = Path(place) / name
            (folder / 'etc').mkdir(parents=True)
            (folder / 'work').mkdir()
            source = next(v for v in pod['spec']['volumes'] if v['name'] == 'files')['configMap']['name']
            files = cluster.ask_if_there('GET', f'{cluster.maps}/{source}')
            if files is None:
                print(f'pod {name}: taken away before it began', flush=True)
                continue
            for file, text in files['data'].items():
                (folder / 'etc' / file).write_text(text)
            command = [w.replace('/work', str(folder / 'work')) for w in pod['spec']['containers'][0]['command']]
            variables = variables_of(pod, folder, ports)
            said = open(folder / 'said', 'w')
            process = subprocess.Popen([fair] + command[1:], env=variables, cwd=folder / 'work', stdout=said, stderr=said)
            running[name] = (process, folder, variables.get('RANK', variables.get('SHARD')))
            print(f'pod {name}: {" ".join(command)}', flush=True)
            cluster.status(name, {'phase': 'Running', 'containerStatuses': container(running={})})
        there = {pod['metadata']['name'] for pod in pods}
        for name, (process, folder, index) in list(running.items()):
            told = (folder / 'said').read_text()
            if mode == 'evict' and not evicted and index == '1' and any('epoch 1/' in (f / 'said').read_text() for _, f, _ in running.values()):
                evicted = True
                print(f'pod {name}: evicted', flush=True)
                process.send_signal(signal.SIGTERM)
                process.wait(60)
                cluster.status(name, {'phase': 'Failed', 'reason': 'Evicted', 'conditions': [
                    {'type': 'DisruptionTarget', 'status': 'True', 'reason': 'EvictionByEvictionAPI', 'message': 'test'}],
                    'containerStatuses': container(terminated={'exitCode': process.returncode, 'reason': 'Error', 'message': told[-2000:]})})
                del running[name]
            elif process.poll() is not None:
                code = process.returncode
                print(f'pod {name}: ended with {code}: {told.strip().splitlines()[-1] if told.strip() else ""}', flush=True)
                ended = {'exitCode': code if code >= 0 else 128 - code, 'reason': 'Completed' if code == 0 else 'Error', 'message': '' if code == 0 else told[-2000:]}
                cluster.status(name, {'phase': 'Succeeded' if code == 0 else 'Failed', 'containerStatuses': container(terminated=ended)})
                del running[name]
            elif name not in there:  # taken away
                process.send_signal(signal.SIGTERM)
                process.wait(60)
                print(f'pod {name}: taken away', flush=True)
                del running[name]
        time.sleep(0.3)
    for process, _, _ in running.values():
        process.kill()


if __name__ == '__main__':
    main()
