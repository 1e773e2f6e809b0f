"""Which part of an aligned face LatentSync draws: the same for all faces, given row by row."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import cv2
import numpy as np

from lipwright.core.readonly import read_only

SIZE = 256
"""px at which the part is given."""
_RUNS = """
95:9-78,178-247 128:9-248 135:9-247 136:10-247 149:10-246 150:11-246 163:11-245 164:12-245
170:12-244 171:13-244 172:13-243 173:14-243 174:14-242 175:15-242 176:15-241 177:16-241
178:16-240 179:17-239 180:18-239 181:18-238 182:19-237 184:20-236 185:21-235 187:22-234
188:22-233 189:23-233 190:24-232 191:25-231 192:26-231 193:26-230 194:27-229 195:28-229
196:29-228 197:30-227 198:31-226 199:32-225 200:33-224 201:34-224 202:34-223 203:35-222
204:36-221 205:37-220 206:38-219 207:39-218 208:40-217 209:42-216 210:43-215 211:44-214
212:45-213 213:47-212 214:48-211 215:49-209 216:51-208 217:52-207 218:54-205 219:56-204
220:57-203 221:59-201 222:60-200 223:62-198 224:64-197 225:66-195 226:68-193 227:70-192
228:72-190 229:74-188 230:76-186 231:78-184 232:80-181 233:82-179 234:85-176 235:87-174
236:90-172 237:93-169 238:95-167 239:99-165 240:104-161 241:108-157 242:131-153 243:
"""
"""Row:first column-column after the last, of one or two pieces, down to the row that comes next."""


@cache
def fixed_mask(size: int) -> np.ndarray:
    """Return what is kept of a face, float32 (size, size): 1 keeps, 0 draws, its edge between."""
    enlarged = cv2.resize(_rows(), (size, size), interpolation=cv2.INTER_LANCZOS4)
    return read_only((enlarged / 255.0).astype(np.float32))


def latent_mask(size: int) -> np.ndarray:
    """Return the same for latents of a face of `size` px, float32 (size / 8, size / 8)."""
    return fixed_mask(size)[::8, ::8]


def _rows() -> np.ndarray:
    """uint8 (256, 256): 255 keeps, 0 draws."""
    mask: np.ndarray = np.full((SIZE, SIZE), 255, np.uint8)
    entries = [entry.split(":") for entry in _RUNS.split()]
    for (top, pieces), (end, _) in pairwise(entries):
        for piece in pieces.split(","):
            first, after = map(int, piece.split("-"))
            mask[int(top) : int(end), first:after] = 0
    return mask
