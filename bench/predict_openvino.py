"""Runs a model file of csflow by OpenVINO, from decoded pixels to scores; the peer of `csflow bench --model`.

  python predict_openvino.py MODEL.onnx PIXELS [--threads 2] [--hint latency|throughput]

PIXELS.json lists height and width of each picture, PIXELS.bin holds their RGB bytes one after another. Prints one line of JSON:
pictures a second in float32, CPU seconds a second, seconds to compile, and the scores. Needs openvino and numpy.
"""
import argparse, json, resource, time
import numpy as np, openvino as ov


def cpu_seconds():
    r = resource.getrusage(resource.RUSAGE_SELF); return r.ru_utime + r.ru_stime


p = argparse.ArgumentParser(); a = p.add_argument
a('model'); a('pixels'); a('--threads', type=int, default=2); a('--hint', choices=['latency', 'throughput'], default='throughput')
o = p.parse_args()
data, pictures, at = np.fromfile(o.pixels + '.bin', np.uint8), [], 0
for height, width in json.load(open(o.pixels + '.json')):
    pictures.append(data[at:at + height * width * 3].reshape(1, height, width, 3)); at += height * width * 3
start = time.perf_counter()
model = ov.Core().compile_model(o.model, 'CPU', {'INFERENCE_PRECISION_HINT': 'f32', 'INFERENCE_NUM_THREADS': o.threads, 'PERFORMANCE_HINT': o.hint.upper()})
compiled = time.perf_counter() - start
scores = [0.0] * len(pictures)
queue = ov.AsyncInferQueue(model)


def keep(request, i):
    scores[i] = float(request.get_output_tensor(0).data[0]); request.get_output_tensor(1).data.max()


queue.set_callback(keep)
for i, picture in enumerate(pictures[:8]): queue.start_async({0: picture}, i)
queue.wait_all()
start, cpu = time.perf_counter(), cpu_seconds()
for i, picture in enumerate(pictures): queue.start_async({0: picture}, i)
queue.wait_all()
seconds = time.perf_counter() - start
print(json.dumps({'peer': 'openvino ' + ov.__version__, 'hint': o.hint, 'images_per_second': len(pictures) / seconds,
                  'cpu_per_second': (cpu_seconds() - cpu) / seconds, 'compile_seconds': compiled, 'scores': scores}))
