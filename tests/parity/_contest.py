"""Several ways of training, some seeds each: what each scores is kept in a file, so that a stopped comparison goes on where it was."""
import json
import time


def contest(kept, ways, seeds, names, only=None):
    """`ways` {name: function of the seed that trains and gives scores}; the first is ours. `names` of the scores, the deciding one first; `only`: a way
    and a seed of them. Prints every score and the means; 1 where ours has a lower mean than the best of the others."""
    found = json.loads(kept.read_text()) if kept.exists() else {}
    for seed in seeds:
        for way, train in ways.items():
            key = f'{way} {seed}'
            if key not in found and only in (None, key):
                began = time.time()
                found[key] = [float(score) for score in train(seed)] + [time.time() - began]
                kept.write_text(json.dumps(found, indent=1))
            if key in found:
                print(f'seed {seed}: {way}: ' + ', '.join(f'{name} {score:.3f}' for name, score in zip(names, found[key])) + f' ({found[key][-1]:.0f} s)',
                      flush=True)
    if missing := [f'{way} {seed}' for way in ways for seed in seeds if f'{way} {seed}' not in found]:
        print('still to be trained: ' + ', '.join(missing))
        return 2
    means = [sum(found[f'{way} {seed}'][0] for seed in seeds) / len(seeds) for way in ways]
    print(f'mean {names[0]} of {len(seeds)} seeds: ' + ', '.join(f'{way} {mean:.3f}' for way, mean in zip(ways, means)))
    return 1 if means[0] < max(means[1:]) else 0
