"""Trains the PyTorch peer for some steps with given weights, batches and learning rates.

  python train_torch.py IN.safetensors OUT.safetensors

IN holds param.*, x0, x1, x2 [images, C, H, W], and in its metadata configuration, recipe (adam, maxNorm), order (image
indices of each step) and learning_rates. OUT gets losses and the parameters after the last step.
"""
import json, struct, sys
import numpy as np, torch
from torch import nn
import peer_torch


def read(path):
    with open(path, 'rb') as file:
        header = json.loads(file.read(struct.unpack('<Q', file.read(8))[0])); body = file.read()
    metadata = header.pop('__metadata__', {})
    return metadata, {name: np.frombuffer(body[slice(*entry['data_offsets'])], np.float32).reshape(entry['shape'])
                      for name, entry in header.items()}


def write(path, tensors):
    header, offset = {}, 0
    for name, value in tensors.items():
        header[name] = {'dtype': 'F32', 'shape': list(value.shape), 'data_offsets': [offset, offset + value.nbytes]}; offset += value.nbytes
    text = json.dumps(header).encode(); text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text)
        for value in tensors.values(): file.write(np.ascontiguousarray(value, np.float32).tobytes())


metadata, tensors = read(sys.argv[1])
shape = json.loads(metadata['configuration'])
torch.set_num_threads(int(metadata['threads']))
net = peer_torch.CSFlow(shape['channels'], shape['hidden'], shape['kernels'], shape['clamp'], shape['gamma'])
for name, parameter in net.named_parameters(): parameter.data.copy_(torch.from_numpy(tensors[f'param.{name}'].copy()))
features = [torch.from_numpy(tensors[f'x{s}'].copy()) for s in range(3)]
recipe = json.loads(metadata['recipe']); adam = recipe['adam']
optimiser = torch.optim.Adam(net.parameters(), lr=1.0, betas=(adam['beta1'], adam['beta2']), eps=adam['epsilon'], weight_decay=adam['weightDecay'])
losses = []
for indices, rate in zip(json.loads(metadata['order']), json.loads(metadata['learning_rates'])):
    for group in optimiser.param_groups: group['lr'] = rate
    optimiser.zero_grad()
    z, jac = net([x[indices] for x in features])
    loss = peer_torch.nll(z, jac); loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), recipe['maxNorm'])
    optimiser.step(); losses.append(loss.item())
write(sys.argv[2], {'losses': np.array(losses, np.float32), **{name: p.detach().numpy() for name, p in net.named_parameters()}})
