"""EfficientNet-Lite0 in PyTorch from picture files to features, timed; the peer of `csflow bench --data`.

  python features_torch.py WEIGHTS.safetensors LIST.json [--batch 8] [--workers 1] [--mode eager|channels_last|compile] [--threads 2] [--warm 16]

LIST is a JSON array of picture files. Pillow decodes and resizes (bilinear, antialiased), as usual in PyTorch's world; batch
normalisation is folded into the convolutions. Prints one line of JSON: pictures a second and CPU seconds a second, both from the
first pictures (--warm) on, so that starting counts on neither side; and means and mean squares of the first one's features. Needs torch, numpy and pillow.
"""
import argparse, json, os, resource, struct, time
import numpy as np, torch
from PIL import Image
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

STAGES = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)]
LAST_BLOCK, SIZE = 14, 384


def read_weights(path):
    with open(path, 'rb') as file:
        header = json.loads(file.read(struct.unpack('<Q', file.read(8))[0])); body = file.read()
    kinds = {'F16': np.float16, 'F32': np.float32}
    return {name: np.frombuffer(body[slice(*e['data_offsets'])], kinds[e['dtype']]).reshape(e['shape']).astype(np.float32)
            for name, e in header.items() if name != '__metadata__' and e['dtype'] in kinds}


class Layer(nn.Module):
    """A convolution with its batch normalisation folded in, TensorFlow's SAME padding of the net's own 224², and ReLU6 or none."""
    def __init__(self, weights, conv, norm, stride, size, groups, activate):
        super().__init__()
        w = weights[conv + '.weight']; n = {k: weights[f'{norm}.{k}'] for k in ('weight', 'bias', 'running_mean', 'running_var')}
        factor = n['weight'] / np.sqrt(n['running_var'] + 1e-3); k = w.shape[2]
        total = max(0, (-(-size // stride) - 1) * stride + k - size); before, after = total // 2, total - total // 2
        self.pad = None if before == after else (before, after, before, after)
        self.conv = nn.Conv2d(w.shape[1] * groups, w.shape[0], k, stride, padding=before if before == after else 0, groups=groups)
        self.conv.weight.data = torch.from_numpy(w * factor[:, None, None, None])
        self.conv.bias.data = torch.from_numpy(n['bias'] - n['running_mean'] * factor); self.activate = activate

    def forward(self, x):
        x = self.conv(x if self.pad is None else F.pad(x, self.pad))
        return F.relu6(x, inplace=True) if self.activate else x


class Lite0(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.stem = Layer(weights, '_conv_stem', '_bn0', 2, 224, 1, True); self.blocks = nn.ModuleList(); self.skips = []
        size, cin, index = 112, 32, 0
        for repeats, _, first, expand, cout in STAGES:
            for i in range(repeats):
                if index > LAST_BLOCK: return
                stride, name, wide = first if i == 0 else 1, f'_blocks.{index}', cin * expand; parts = []
                if expand > 1: parts.append(Layer(weights, f'{name}._expand_conv', f'{name}._bn0', 1, size, 1, True))
                parts.append(Layer(weights, f'{name}._depthwise_conv', f'{name}._bn1', stride, size, wide, True)); size = -(-size // stride)
                parts.append(Layer(weights, f'{name}._project_conv', f'{name}._bn2', 1, size, 1, False))
                self.blocks.append(nn.Sequential(*parts)); self.skips.append(stride == 1 and cin == cout); cin = cout; index += 1

    def forward(self, x):
        x = self.stem(x)
        for block, skip in zip(self.blocks, self.skips): x = block(x) + x if skip else block(x)
        return x


class Pictures(Dataset):
    def __init__(self, paths): self.paths = paths
    def __len__(self): return len(self.paths)
    def __getitem__(self, i):
        picture = Image.open(self.paths[i]).convert('RGB').resize((SIZE, SIZE), Image.BILINEAR)
        return torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)


def cpu_seconds():
    return sum(r.ru_utime + r.ru_stime for r in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)))


def main():
    p = argparse.ArgumentParser(); a = p.add_argument
    a('weights'); a('list'); a('--batch', type=int, default=8); a('--workers', type=int, default=1); a('--threads', type=int, default=2)
    a('--mode', choices=['eager', 'channels_last', 'compile'], default='channels_last'); a('--warm', type=int, default=16)
    o = p.parse_args(); torch.set_num_threads(o.threads)
    net = Lite0(read_weights(o.weights)).eval()
    if o.mode == 'channels_last': net = net.to(memory_format=torch.channels_last)
    run = torch.compile(net) if o.mode == 'compile' else net

    def features(pictures):
        x = (pictures.float() - 127) / 128
        if o.mode == 'channels_last': x = x.contiguous(memory_format=torch.channels_last)
        return [run(x[:, :, ::step, ::step].contiguous(memory_format=torch.channels_last if o.mode == 'channels_last' else torch.contiguous_format)) for step in (1, 2, 4)]

    paths = json.load(open(o.list)); done, start, cpu, found = 0, None, 0, []
    with torch.inference_mode():
        features(torch.zeros(o.batch, 3, SIZE, SIZE, dtype=torch.uint8))
        for pictures in DataLoader(Pictures(paths), batch_size=o.batch, num_workers=o.workers, drop_last=True):
            maps = features(pictures); done += len(pictures)
            if not found: found = [float(m[0].double().mean()) for m in maps] + [float((m[0].double() ** 2).mean()) for m in maps]
            if start is None and done >= o.warm: start, cpu, first = time.perf_counter(), cpu_seconds(), done
        seconds = time.perf_counter() - start
    # Workers are counted once they have ended.
    busy = (cpu_seconds() - cpu) / seconds
    print(json.dumps({'peer': 'torch ' + torch.__version__, 'mode': o.mode, 'batch': o.batch, 'workers': o.workers,
                      'images_per_second': (done - first) / seconds, 'cpu_per_second': busy, 'moments': found}))


if __name__ == '__main__':
    main()
