/* SPDX-License-Identifier: MIT */
#include "core/xml/xml.h"

/*
 * A few hash tables, each over the children of one parent that have one name
 * and one attribute. A table only ever knows too much: every hit is compared
 * with the document, and what is out of date is unhooked in passing.
 */

#define INDEXES 16u
#define KEY_BYTES 64u
/* Walking a list this short is as fast. */
#define SHORT_LIST 8u
/* All indexes together have so many bytes for each record of the pool. */
#define BYTES_A_RECORD 6u
/* How far a replaced element is looked for, to give its place to the new one. */
#define REACH 8u

struct entry {
    uint32_t node;
    uint32_t next; /* in its bucket, a ring: that of the newest is the oldest */
    uint32_t hash; /* of the value: others in the bucket need not be looked at */
};

struct index {
    uint32_t parent; /* PROV_XML_NONE: the slot is free */
    uint8_t name_len, attribute_len;
    char key[KEY_BYTES];   /* name, then attribute */
    bool shuffled;         /* buckets are no longer in document order */
    size_t bytes;          /* of the block at entries */
    struct entry *entries; /* entry 0 is not used */
    uint32_t entry_count, entry_cap;
    uint32_t *buckets; /* the newest entry of each */
    uint32_t mask;
};

struct prov_xml_indexes {
    struct index slots[INDEXES];
    uint32_t victim;
    size_t bytes; /* of all blocks */
};

/* A question: which child? */
struct query {
    const struct prov_xml *x;
    uint32_t parent;
    struct prov_str name, attribute, value;
};

void
prov_xml_index_drop_all(struct prov_xml *x)
{
    for (uint32_t i = 0; x->indexes != NULL && i < INDEXES; i++)
        x->indexes->slots[i].parent = PROV_XML_NONE;
}

static bool
has_key(const struct index *ix, struct prov_str name, struct prov_str attribute)
{
    return ix->name_len == name.len && ix->attribute_len == attribute.len &&
           memcmp(ix->key, name.ptr, name.len) == 0 &&
           memcmp(ix->key + name.len, attribute.ptr, attribute.len) == 0;
}

/* FNV-1a over the decoded bytes; the salt keeps collisions from being made at a desk. */
static uint32_t
hash_start(const struct prov_xml *x)
{
    return 2166136261u ^ (uint32_t)x->hash_salt ^ (uint32_t)(x->hash_salt >> 32);
}

static uint32_t
hash_byte(uint32_t h, unsigned char b)
{
    return (h ^ b) * 16777619u;
}

static uint32_t
hash_end(uint32_t h)
{
    return h ^ (h >> 15);
}

static uint32_t
hash_raw(const struct prov_xml *x, struct prov_str raw)
{
    struct prov_xml_chars c;
    uint32_t h = hash_start(x);
    size_t i = 0;

    /* Most values are plain and need no decoder. */
    while (i < raw.len && raw.ptr[i] != '&' && !prov_is_blank(raw.ptr[i]))
        h = hash_byte(h, (unsigned char)raw.ptr[i++]);
    if (i < raw.len) {
        prov_xml_chars_raw(&c, prov_str_cut(raw, i, raw.len));
        for (int b = prov_xml_chars_next(&c); b >= 0; b = prov_xml_chars_next(&c))
            h = hash_byte(h, (unsigned char)b);
    }
    return hash_end(h);
}

static uint32_t
hash_plain(const struct prov_xml *x, struct prov_str plain)
{
    uint32_t h = hash_start(x);

    for (size_t i = 0; i < plain.len; i++)
        h = hash_byte(h, (unsigned char)plain.ptr[i]);
    return hash_end(h);
}

static bool
is_answer(const struct query *q, uint32_t node)
{
    struct prov_str raw;

    return prov_xml_is(q->x, node, q->name) && prov_xml_attr(q->x, node, q->attribute, &raw) &&
           prov_xml_raw_is(raw, q->value);
}

/* ---- Filling ---- */

static void
add(struct index *ix, uint32_t node, uint32_t hash)
{
    uint32_t *newest = &ix->buckets[hash & ix->mask];
    const uint32_t i = ++ix->entry_count;

    ix->entries[i] = (struct entry){ .node = node, .next = i, .hash = hash };
    if (*newest != 0) {
        ix->entries[i].next = ix->entries[*newest].next;
        ix->entries[*newest].next = i;
    }
    *newest = i;
}

static uint32_t
count_named(const struct query *q)
{
    uint32_t n = 0;

    for (uint32_t c = prov_xml_first(q->x, q->parent); c != PROV_XML_NONE;
         c = prov_xml_next(q->x, c))
        n += prov_xml_is(q->x, c, q->name);
    return n;
}

/* Children there is room for, and buckets. */
struct shape {
    uint32_t cap, buckets;
    size_t bytes;
};

/* Room for an eighth more. */
static struct shape
shape_for(uint32_t count)
{
    struct shape s = { count + count / 8 + SHORT_LIST, 16, 0 };

    while (s.buckets < count / 2)
        s.buckets *= 2;
    s.bytes = ((size_t)s.cap + 1) * sizeof(struct entry) + (size_t)s.buckets * sizeof(uint32_t);
    return s;
}

/* A new block for a slot. */
static bool
grow(struct prov_xml *x, struct index *ix, size_t bytes)
{
    const size_t most = (size_t)x->limits.pool_nodes * BYTES_A_RECORD;

    if (bytes > most || x->indexes->bytes > most - bytes)
        return false;
    void *mem = prov_arena_perm(x->arena, bytes, _Alignof(struct entry));

    if (mem == NULL)
        return false;
    ix->entries = mem;
    ix->bytes = bytes;
    x->indexes->bytes += bytes;
    return true;
}

/* A slot with a block of this size, of all indexes the one that is to go: one that is not in use;
 * one that had none; the next in turn; the one with the smallest block. */
static struct index *
take_slot(struct prov_xml *x, size_t bytes)
{
    struct prov_xml_indexes *all = x->indexes;
    struct index *unused = NULL, *next = NULL, *least = &all->slots[0];

    for (uint32_t i = INDEXES; i-- > 0;) {
        struct index *ix = &all->slots[(all->victim + i) % INDEXES];

        if (ix->bytes >= bytes)
            next = ix;
        if (ix->bytes >= bytes && ix->parent == PROV_XML_NONE)
            unused = ix;
        if (ix->bytes < least->bytes)
            least = ix;
    }
    if (unused != NULL)
        return unused;
    if (least->bytes == 0 && grow(x, least, bytes))
        return least;
    if (next != NULL) {
        all->victim = (uint32_t)(next - all->slots) + 1;
        return next;
    }
    return grow(x, least, bytes) ? least : NULL;
}

/* A new index; NULL if there is no memory for it. */
static struct index *
fill(struct prov_xml *x, const struct query *q)
{
    const struct shape shape = shape_for(count_named(q));
    struct index *ix = take_slot(x, shape.bytes);
    struct prov_str raw;

    if (ix == NULL)
        return NULL;
    ix->entry_cap = shape.cap;
    ix->entry_count = 0;
    ix->buckets = (uint32_t *)(void *)(ix->entries + shape.cap + 1);
    ix->mask = shape.buckets - 1;
    memset(ix->buckets, 0, (size_t)shape.buckets * sizeof(uint32_t));
    for (uint32_t c = prov_xml_first(x, q->parent); c != PROV_XML_NONE; c = prov_xml_next(x, c)) {
        if (prov_xml_is(x, c, q->name) && prov_xml_attr(x, c, q->attribute, &raw))
            add(ix, c, hash_raw(x, raw));
    }
    ix->parent = q->parent;
    ix->shuffled = false;
    ix->name_len = (uint8_t)q->name.len;
    ix->attribute_len = (uint8_t)q->attribute.len;
    memcpy(ix->key, q->name.ptr, q->name.len);
    memcpy(ix->key + q->name.len, q->attribute.ptr, q->attribute.len);
    return ix;
}

/* The same, in order again. */
static struct index *
fill_again(struct prov_xml *x, struct index *ix, const struct query *q)
{
    ix->parent = PROV_XML_NONE;
    return fill(x, q);
}

static bool
is_short(const struct prov_xml *x, uint32_t parent)
{
    uint32_t n = 0;

    for (uint32_t c = x->nodes[parent].first; c != PROV_XML_NONE && n <= SHORT_LIST;
         c = x->nodes[c].next)
        n++;
    return n <= SHORT_LIST;
}

/* The index that answers, made if need be; NULL: walk. */
static struct index *
index_for(struct prov_xml *x, const struct query *q)
{
    for (uint32_t i = 0; x->indexes != NULL && i < INDEXES; i++) {
        struct index *ix = &x->indexes->slots[i];

        if (ix->parent == q->parent && has_key(ix, q->name, q->attribute))
            return ix;
    }
    if (q->name.len + q->attribute.len > KEY_BYTES || is_short(x, q->parent))
        return NULL;
    if (x->indexes == NULL)
        x->indexes =
            prov_arena_perm(x->arena, sizeof(*x->indexes), _Alignof(struct prov_xml_indexes));
    if (x->indexes == NULL)
        return NULL;
    return fill(x, q);
}

/* ---- Keeping ---- */

/* Gives the place of one element to another. */
static bool
take_over(struct index *ix, uint32_t hash, uint32_t node, uint32_t with)
{
    const uint32_t newest = ix->buckets[hash & ix->mask];
    uint32_t i = newest;

    for (unsigned n = 0; i != 0 && n < REACH; n++) {
        i = ix->entries[i].next;
        if (ix->entries[i].node == node) {
            ix->entries[i].node = with;
            ix->entries[i].hash = hash;
            return true;
        }
        if (i == newest)
            break;
    }
    return false;
}

static void
put(const struct prov_xml *x, struct index *ix, uint32_t node, uint32_t instead_of, bool is_new)
{
    const struct prov_str name = { ix->key, ix->name_len };
    const struct prov_str attribute = { ix->key + ix->name_len, ix->attribute_len };
    struct prov_str raw;

    if (!prov_xml_is(x, node, name) || !prov_xml_attr(x, node, attribute, &raw))
        return;
    const uint32_t hash = hash_raw(x, raw);

    if (!is_new) /* an entry of its former place may be left */
        ix->shuffled = true;
    if (instead_of != PROV_XML_NONE && take_over(ix, hash, instead_of, node))
        return;
    if (instead_of != PROV_XML_NONE)
        ix->shuffled = true;
    if (ix->entry_count == ix->entry_cap)
        ix->parent = PROV_XML_NONE; /* it is made anew, larger, when it is asked next */
    else
        add(ix, node, hash);
}

void
prov_xml_index_put(struct prov_xml *x, uint32_t node, uint32_t instead_of, bool is_new)
{
    const uint32_t parent = x->nodes[node].parent;

    for (uint32_t i = 0; x->indexes != NULL && i < INDEXES; i++) {
        struct index *ix = &x->indexes->slots[i];

        if (parent != PROV_XML_NONE && ix->parent == parent)
            put(x, ix, node, instead_of, is_new);
    }
}

/* ---- Asking ---- */

struct answer {
    uint32_t node, hits;
};

static void
count_hit(struct answer *a, uint32_t node)
{
    if (a->node == node)
        return;
    if (a->hits++ == 0)
        a->node = node;
}

static struct answer
walk(const struct query *q)
{
    struct answer a = { PROV_XML_NONE, 0 };

    for (uint32_t c = prov_xml_first(q->x, q->parent); c != PROV_XML_NONE && a.hits < 2;
         c = prov_xml_next(q->x, c)) {
        if (is_answer(q, c))
            count_hit(&a, c);
    }
    return a;
}

/* Unhooks the entry after `before`. */
static void
unhook(struct index *ix, uint32_t *newest, uint32_t before)
{
    const uint32_t i = ix->entries[before].next;

    ix->entries[before].next = ix->entries[i].next;
    if (i == *newest)
        *newest = i == before ? 0 : before;
}

static struct answer
look_up(struct index *ix, const struct query *q)
{
    const struct prov_xml *x = q->x;
    const uint32_t hash = hash_plain(x, q->value);
    uint32_t *newest = &ix->buckets[hash & ix->mask];
    struct answer a = { PROV_XML_NONE, 0 };
    uint32_t before = *newest;
    bool more = before != 0;

    while (more && a.hits < 2) {
        const uint32_t i = ix->entries[before].next, node = ix->entries[i].node;

        more = i != *newest;
        if (ix->entries[i].hash != hash) {
            before = i;
            continue;
        }
        if (!prov_xml_is_live(x, node) || x->nodes[node].parent != q->parent) {
            unhook(ix, newest, before);
            continue;
        }
        if (is_answer(q, node))
            count_hit(&a, node);
        before = i;
    }
    return a;
}

uint32_t
prov_xml_find_keyed(struct prov_xml *x, uint32_t parent, struct prov_str name,
                    struct prov_str attribute, struct prov_str value, uint32_t *hits)
{
    const struct query q = { x, parent, name, attribute, value };
    struct answer a = { PROV_XML_NONE, 0 };

    if (x != NULL && prov_xml_exists(x, parent) && name.len > 0 && attribute.len > 0) {
        struct index *ix = index_for(x, &q);

        if (ix != NULL)
            a = look_up(ix, &q);
        /* Which of several is the first, only the list can tell; then in order again. */
        if (ix != NULL && a.hits > 1 && ix->shuffled) {
            ix = fill_again(x, ix, &q);
            a = ix != NULL ? look_up(ix, &q) : a;
        }
        if (ix == NULL)
            a = walk(&q);
    }
    if (hits != NULL)
        *hits = a.hits;
    return a.node;
}

bool
prov_xml_is_sole(struct prov_xml *x, uint32_t node, struct prov_str attribute, struct prov_str raw)
{
    const struct query q = {
        x, x->nodes[node].parent, prov_xml_name(x, node), attribute, { NULL, 0 }
    };
    const struct index *ix = index_for(x, &q);
    const uint32_t hash = hash_raw(x, raw);
    const uint32_t newest = ix != NULL ? ix->buckets[hash & ix->mask] : 0;
    uint32_t i = newest, alike = 0;

    if (newest == 0)
        return false;
    do {
        i = ix->entries[i].next;
        alike += ix->entries[i].hash == hash;
    } while (i != newest);
    return alike == 1;
}
