#!/usr/bin/env bash
# Images built, run as nobody in particular, pushed to a registry, named in an item by their digest; and a registration on that stack.
# usage: tests/peers/image.sh FAIR     env: FAIR_TEST_REGISTRY (host:port); a builder: buildah, docker or podman
set -euo pipefail
fair=$(realpath "$1")
{ buildah --version || docker version || podman --version; } >/dev/null 2>&1 ||
  { echo "image: left out: no buildah, no podman, and no docker whose server answers"; exit 0; }
work=$(mktemp -d); served=; trap '[ -z "$served" ] || kill "$served" 2>/dev/null; chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
export XDG_CONFIG_HOME=$work FAIR_STACK=registry
# A container's own storage, and no privileges that a test machine may not give.
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot CONTAINERS_STORAGE_CONF=$work/storage.conf
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$work/images" "$work/run" >storage.conf
printf '[stack.registry.images]\nkind = "registry"\nhost = "%s"\nprefix = "mapping"\ninsecure = true\n' "$FAIR_TEST_REGISTRY" >fair.toml
expect() { grep -q "$1" <<<"$2" || { echo "expected $1 in: $2" >&2; exit 1; }; }

"$fair" -w workspace init >/dev/null
"$fair" -w workspace stack check
"$fair" image build serve
"$fair" -w workspace image push serve --as unet_segmentation:latest-inference --item unet-segmentation-small
item=$("$fair" -w workspace show unet-segmentation-small --json)
expect "$FAIR_TEST_REGISTRY/mapping/unet_segmentation@sha256:" "$item"
digest=$(sed -n 's/.*unet_segmentation@\(sha256:[0-9a-f]*\).*/\1/p' <<<"$item")
# What the registry itself says: the digest is that of the manifest, and the layers' size is what everybody downloads.
manifest=$(curl -fsS -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://$FAIR_TEST_REGISTRY/v2/mapping/unet_segmentation/manifests/$digest")
[ "sha256:$(printf %s "$manifest" | sha256sum | cut -d' ' -f1)" = "$digest" ]
python3 - "$manifest" "$FAIR_TEST_REGISTRY" <<'PY'
import json, sys, urllib.request
manifest = json.loads(sys.argv[1])
config = json.load(urllib.request.urlopen(f"http://{sys.argv[2]}/v2/mapping/unet_segmentation/blobs/{manifest['config']['digest']}"))["config"]
assert config["User"] == "10001:10001" and config["Cmd"] == ["serve", "--port", "8080", "--host", "0.0.0.0"] and "8080/tcp" in config["ExposedPorts"], config
print(f"the serve image is {sum(l['size'] for l in manifest['layers']) / 1e6:.0f} MB compressed, {len(manifest['layers'])} layers, user {config['User']}")
PY
# Each runs without anything of this machine: in an empty root of its own, as its user.
container_of() { buildah from --signature-policy <(echo '{"default":[{"type":"insecureAcceptAnything"}]}') "localhost/fair-edge/$1:latest" 2>/dev/null; }
inside() { buildah run --isolation chroot "$1" -- /usr/bin/fair "${@:2}"; }
if container=$(container_of serve); then
  inside "$container" --version
  inside "$container" -w /workspace/w init | sed -n 1,2p
  buildah run --isolation chroot "$container" -- /usr/bin/fair serve --port 18080 --host 127.0.0.1 >serve.log 2>&1 & served=$!  # its own pid, not a function's
  for _ in $(seq 60); do curl -fs http://127.0.0.1:18080/health >health && break; sleep 0.5; done
  expect '"ok"' "$(cat health)"
  kill "$served"; wait "$served" || true; served=
  buildah rm "$container" >/dev/null
  # One trains, another predicts with what it made.
  "$fair" image build train
  "$fair" image build infer
  trainer=$(container_of train); predictor=$(container_of infer)
  inside "$trainer" demo --out /workspace/town --size 4 --minutes 0.02 >demo.log 2>&1 || { tail -5 demo.log; exit 1; }
  trained=$(inside "$trainer" --json -w /workspace/town/workspace finetune --base unet-segmentation-small --dataset town --name ranks --set epochs=1 --set samples_per_epoch=16 --nproc 2 2>train.log) || { tail -5 train.log; exit 1; }
  expect '"version": *1' "$trained"
  home=$(buildah mount "$trainer"); there=$(buildah mount "$predictor")
  cp -r "$home/workspace/town/chips" "$home/workspace/town/workspace/artifacts/$(sed -n 's/.*"onnx_model": *"\([^"]*\)".*/\1/p' <<<"$trained")" "$there/workspace/"
  inside "$predictor" predict --model /workspace/model.onnx --images /workspace/chips --out /workspace/out.geojson
  expect FeatureCollection "$(cat "$there/workspace/out.geojson")"
  buildah umount "$trainer" "$predictor" >/dev/null; buildah rm "$trainer" "$predictor" >/dev/null
fi
# Registration with a service: the endpoint in the item, the manifest beside it.
"$fair" -w workspace show unet-segmentation-small --json >item.json
python3 - <<'PY'
import json
item = json.load(open("item.json"))
item["id"], item["properties"]["mlm:name"] = "town_unet", "Town_UNet"
json.dump(item, open("item.json", "w"))
PY
"$fair" -w workspace register item.json --serving https://predict.example.org --manifest service.yaml
shown=$("$fair" -w workspace show town_unet --json)
expect 'https://predict.example.org/town-unet/predict' "$shown"
expect 'name: town-unet' "$(cat service.yaml)"; expect "@$digest" "$(cat service.yaml)"; expect 'max-scale: "5"' "$(cat service.yaml)"
# And with its images: one of this machine is pushed under the model's own name, one that is named by its digest stands as it is.
"$fair" -w workspace register item.json --inference-image localhost/fair-edge/serve:latest --training-image "registry.example.org/train@$digest"
pushed=$(curl -sfI -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://$FAIR_TEST_REGISTRY/v2/mapping/town-unet/manifests/latest-inference" | tr -d '\r' | sed -n 's/^[Dd]ocker-[Cc]ontent-[Dd]igest: //p')
shown=$("$fair" -w workspace show town_unet --json)
expect "$FAIR_TEST_REGISTRY/mapping/town-unet@$pushed" "$shown"; expect "registry.example.org/train@$digest" "$shown"
if "$fair" -w workspace register item.json --inference-image localhost/no-such-image:latest 2>refused; then echo "an image that is not there was registered" >&2; exit 1; fi
expect 'no-such-image' "$(cat refused)"
echo "image: all well"
