// Marks the places where one of many literals begins, in any case of its letters: one bit per byte
// of text. The tables are those of qgram_filter.hpp. Eight bytes behind the text must be readable.

ulong gram_at(__global const uchar* restrict text, uint at, ulong mask) {
  return (as_ulong(vload8(0, text + at)) | 0x2020202020202020UL) & mask;
}

uchar folded(uchar c) {
  return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

bool stands_at(__global const uchar* restrict text, __global const uchar* restrict literal,
               uint length) {
  for (uint i = 0; i < length; ++i) {
    if (folded(text[i]) != literal[i]) {
      return false;
    }
  }
  return true;
}

// `places` holds for each gram: its literal, and where it stands in it. `literals` holds for each
// literal where it begins in `letters`, and at the end where the last one ends.
__kernel void find_literals(__global const uchar* restrict text, uint size, uint piece, uint stride,
                            ulong mask, uint hash_shift, uint bucket_shift,
                            __global const ulong* restrict bits,
                            __global const uint* restrict buckets,
                            __global const ulong* restrict grams,
                            __global const uint2* restrict places,
                            __global const uint* restrict literals,
                            __global const uchar* restrict letters, __global uint* restrict found) {
  const uint begin = (uint)get_global_id(0) * piece;
  const uint end = min(begin + piece, size);
  for (uint at = begin; at < end; at += stride) {
    const ulong gram = gram_at(text, at, mask);
    const ulong product = gram * 0x9E3779B97F4A7C15UL;
    const ulong hash = product >> hash_shift;
    if ((bits[hash >> 6] >> (hash & 63) & 1) == 0) {
      continue;
    }
    const uint bucket = (uint)(product >> bucket_shift);
    for (uint i = buckets[bucket]; i < buckets[bucket + 1]; ++i) {
      const uint literal = literals[places[i].x];
      const uint length = literals[places[i].x + 1] - literal;
      const uint offset = places[i].y;
      if (grams[i] == gram && offset <= at && length <= size - (at - offset) &&
          stands_at(text + (at - offset), letters + literal, length)) {
        const uint start = at - offset;
        atomic_or(&found[start >> 5], 1u << (start & 31));
      }
    }
  }
}
