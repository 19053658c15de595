"""NICE, RealNVP and Glow in FrEIA with the structure of csflow's ready models, trained on given samples.

  python freia_density.py TASK.json

TASK holds models (kind, steps, hidden, clamp, levels), train and held_out samples, batch, learningRate, steps, threads. Prints a list:
parameters, held-out log-likelihood in nats, seconds of training.
"""
import json, math, sys, time
import numpy as np, torch
from torch import nn
import FrEIA.framework as Ff, FrEIA.modules as Fm


class Reverse(Fm.InvertibleModule):
    """Channels in reversed order."""
    def forward(self, x, rev=False, jac=True): return [x[0].flip(1)], torch.zeros(len(x[0]))
    def output_dims(self, dims): return dims


class InvertibleConvolution(Fm.InvertibleModule):
    """The LU-parametrised 1x1 convolution of Glow, which FrEIA does not have."""
    def __init__(self, dims_in, dims_c=None):
        super().__init__(dims_in, dims_c)
        c = dims_in[0][0]; p, l, u = torch.linalg.lu(torch.linalg.qr(torch.randn(c, c))[0])
        self.register_buffer('p', p); self.register_buffer('sign', u.diag().sign())
        self.l, self.u, self.log_d = nn.Parameter(l.tril(-1)), nn.Parameter(u.triu(1)), nn.Parameter(u.diag().abs().log())

    def forward(self, x, rev=False, jac=True):
        w = self.p @ (self.l.tril(-1) + torch.eye(len(self.log_d))) @ (self.u.triu(1) + torch.diag(self.sign * self.log_d.exp()))
        if rev: w = w.inverse()
        j = self.log_d.sum() * math.prod(x[0].shape[2:]) * (-1 if rev else 1)
        return [torch.einsum('ij,nj...->ni...', w, x[0])], j.repeat(len(x[0]))

    def output_dims(self, dims): return dims


def subnet(hidden, picture):
    def make(cin, cout):
        conv = lambda i, o, k: nn.Conv2d(i, o, k, padding=k // 2) if picture else nn.Linear(i, o)
        net = nn.Sequential(conv(cin, hidden, 3), nn.LeakyReLU(0.1), conv(hidden, hidden, 1), nn.LeakyReLU(0.1), conv(hidden, cout, 3))
        nn.init.zeros_(net[-1].weight); nn.init.zeros_(net[-1].bias)
        return net
    return make


def build(model, dims):
    picture, clamp = len(dims) == 3, model['clamp']
    options = {'subnet_constructor': subnet(model['hidden'], picture), 'clamp': clamp, 'clamp_activation': lambda u: 0.636 * torch.atan(u / clamp)}
    levels = model['levels'] if picture else 1
    node = Ff.InputNode(*dims, name='input'); nodes, leaving = [node], []
    def then(module, args={}):
        nonlocal node
        node = Ff.Node(node, module, args); nodes.append(node)
    for level in range(levels):
        if picture: then(Fm.IRevNetDownsampling)
        for _ in range(model['steps']):
            if model['kind'] == 'nice': then(Fm.NICECouplingBlock, {'subnet_constructor': options['subnet_constructor']})
            elif model['kind'] == 'real-nvp': then(Fm.RNVPCouplingBlock, options); then(Reverse)
            else: then(Fm.ActNorm); then(InvertibleConvolution); then(Fm.GLOWCouplingBlock, options)
        if model['kind'] == 'nice': then(Fm.ActNorm)
        if level < levels - 1:
            then(Fm.Split); leaving.append(Ff.OutputNode(node.out0)); node = node.out1
    leaving.append(Ff.OutputNode(node))
    return Ff.GraphINN(nodes + leaving)


def tensor(entry): return torch.tensor(entry['data'], dtype=torch.float32).reshape(entry['dims'])


def log_likelihood(net, x):
    z, jac = net(x)
    z = z if isinstance(z, (list, tuple)) else [z]
    return sum(-0.5 * (v.flatten(1) ** 2 + math.log(2 * math.pi)).sum(1) for v in z) + jac


task = json.load(open(sys.argv[1])); torch.manual_seed(0); torch.set_num_threads(task['threads'])
train, held_out = tensor(task['train']), tensor(task['held_out'])
size, steps, peak = math.prod(train.shape[1:]), task['steps'], task['learningRate']


def rate(progress):
    cosine = lambda a, b, p: b + (a - b) * (1 + math.cos(math.pi * p)) / 2
    return cosine(peak / 25, peak, progress / 0.1) if progress < 0.1 else cosine(peak, peak / 25e4, (progress - 0.1) / 0.9)


results = []
for model in task['models']:
    net = build(model, train.shape[1:]); start = time.perf_counter()
    with torch.no_grad(): net(train[:task['batch']])
    optimiser = torch.optim.Adam(p for p in net.parameters() if p.requires_grad); order = torch.randperm(len(train)); at = 0
    for step in range(steps):
        if at + task['batch'] > len(train): order = torch.randperm(len(train)); at = 0
        x = train[order[at:at + task['batch']]]; at += task['batch']
        for group in optimiser.param_groups: group['lr'] = rate(step / steps)
        optimiser.zero_grad(); loss = -log_likelihood(net, x).mean() / size; loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0); optimiser.step()
    seconds = time.perf_counter() - start
    with torch.no_grad(): value = log_likelihood(net, held_out).mean().item()
    results.append({'parameters': sum(p.numel() for p in net.parameters() if p.requires_grad), 'log_likelihood': value, 'seconds': seconds})
print(json.dumps(results))
