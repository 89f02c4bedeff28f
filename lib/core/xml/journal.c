/* SPDX-License-Identifier: MIT */
#include "core/xml/xml.h"

/*
 * The journal: what records were before they were changed, so that it can be undone. A mark begins a
 * stretch of it; stretches lie inside each other.
 */

/* Small enough for a phone, large enough to be rare. */
#define CHUNK_IMAGES 64u
/* Stretches that lie deeper are not told from each other: there an image is taken every time. */
#define DEEPEST 255u

/* What an edit changes of a record. With TAG: tag and source of the tag instead, in the first two. */
struct image {
    uint32_t node;
    uint32_t parent, next, prev, first;
};
#define TAG 0x80000000u

/* As small as it can be: for the largest change there is an image of every record. */
struct prov_xml_journal {
    struct prov_xml_journal *older, *newer;
    uint32_t count;
    struct image images[CHUNK_IMAGES];
    uint8_t flags[CHUNK_IMAGES], epochs[CHUNK_IMAGES];
};

/* Room for n more images, so that what comes after cannot fail half-way. */
bool
prov_xml_reserve(struct prov_xml *x, size_t n)
{
    while (x->open_marks > 0 && x->undo_room < n) {
        struct prov_xml_journal *j =
            prov_arena_perm(x->arena, sizeof(*j), _Alignof(struct prov_xml_journal));

        if (j == NULL)
            return false;
        j->older = x->spare;
        x->spare = j;
        x->undo_room += CHUNK_IMAGES;
    }
    return true;
}

/* The number of the innermost stretch. */
static uint8_t
stretch(const struct prov_xml *x)
{
    return (uint8_t)(x->open_marks < DEEPEST ? x->open_marks : DEEPEST);
}

/* The chunk in which the next image has its place. */
static struct prov_xml_journal *
open_chunk(struct prov_xml *x)
{
    struct prov_xml_journal *j = x->journal;

    if (j != NULL && j->count < CHUNK_IMAGES)
        return j;
    struct prov_xml_journal *made = x->spare;

    x->spare = made->older;
    made->older = j;
    made->newer = NULL;
    made->count = 0;
    if (j != NULL)
        j->newer = made;
    x->journal = made;
    return made;
}

static void
take_image(struct prov_xml *x, struct image image, uint8_t flags, uint8_t epoch)
{
    struct prov_xml_journal *j = open_chunk(x);

    j->images[j->count] = image;
    j->flags[j->count] = flags;
    j->epochs[j->count++] = epoch;
    x->undo_count++;
    x->undo_room--;
}

/* A record that is about to be changed. */
struct prov_xml_node *
prov_xml_touch(struct prov_xml *x, uint32_t node)
{
    struct prov_xml_node *n = &x->nodes[node];

    if (x->open_marks == 0 || n->epoch == x->open_marks)
        return n;
    take_image(x, (struct image){ node, n->parent, n->next, n->prev, n->first }, n->flags,
               n->epoch);
    n->epoch = stretch(x);
    return n;
}

/* Its tag is. That is rare, so there is an image of it every time. */
struct prov_xml_node *
prov_xml_touch_tag(struct prov_xml *x, uint32_t node)
{
    struct prov_xml_node *n = &x->nodes[node];

    if (x->open_marks > 0)
        take_image(x, (struct image){ node | TAG, n->tag, n->tag_source, 0, 0 }, 0, 0);
    return n;
}

static void
put_back_newest(struct prov_xml *x)
{
    const struct prov_xml_journal *j = x->journal;
    const struct image *i = &j->images[j->count - 1];
    struct prov_xml_node *n = &x->nodes[i->node & ~TAG];

    if ((i->node & TAG) != 0) {
        n->tag = i->parent;
        n->tag_source = (uint8_t)i->next;
        return;
    }
    n->parent = i->parent;
    n->next = i->next;
    n->prev = i->prev;
    n->first = i->first;
    n->flags = j->flags[j->count - 1];
    n->epoch = j->epochs[j->count - 1];
}

static void
drop_newest(struct prov_xml *x)
{
    struct prov_xml_journal *j = x->journal;

    x->undo_count--;
    x->undo_room++;
    if (--j->count == 0) {
        x->journal = j->older;
        j->older = x->spare;
        x->spare = j;
    }
}

size_t
prov_xml_mark(struct prov_xml *x)
{
    x->open_marks++;
    return x->undo_count;
}

void
prov_xml_rollback(struct prov_xml *x, size_t mark)
{
    if (x->open_marks == 0)
        return;
    x->open_marks--;
    if (x->undo_count > mark)
        prov_xml_index_drop_all(x);
    while (x->undo_count > mark) {
        put_back_newest(x);
        drop_newest(x);
    }
}

/* A place in the journal. */
struct spot {
    struct prov_xml_journal *chunk;
    size_t at;
};

/* All chunks are full but the newest. */
static struct spot
spot_of(const struct prov_xml *x, size_t image)
{
    struct spot s = { x->journal, image % CHUNK_IMAGES };

    for (size_t n = (x->undo_count - 1) / CHUNK_IMAGES; n > image / CHUNK_IMAGES; n--)
        s.chunk = s.chunk->older;
    return s;
}

static void
step(struct spot *s)
{
    if (++s->at == CHUNK_IMAGES && s->chunk->newer != NULL)
        *s = (struct spot){ s->chunk->newer, 0 };
}

static void
copy_image(struct spot to, struct spot from)
{
    to.chunk->images[to.at] = from.chunk->images[from.at];
    to.chunk->flags[to.at] = from.chunk->flags[from.at];
    to.chunk->epochs[to.at] = from.chunk->epochs[from.at];
}

/* The images since the mark now belong to the stretch around, which does not need two of a record:
 * the journal is never longer than the pool, however many stretches there are, but for tags. */
static void
join(struct prov_xml *x, size_t mark)
{
    const size_t count = x->undo_count - mark;
    size_t dropped = 0;
    struct spot from = spot_of(x, mark), to = from;

    for (size_t i = 0; i < count; i++, step(&from)) {
        const uint32_t node = from.chunk->images[from.at].node;

        if ((node & TAG) == 0) {
            x->nodes[node].epoch = stretch(x);
            if (from.chunk->epochs[from.at] == stretch(x)) {
                dropped++;
                continue;
            }
        }
        copy_image(to, from);
        step(&to);
    }
    while (dropped-- > 0)
        drop_newest(x);
}

void
prov_xml_keep(struct prov_xml *x, size_t mark)
{
    if (x->open_marks == 0)
        return;
    x->open_marks--;
    if (x->open_marks > 0) {
        if (x->undo_count > mark && x->open_marks < DEEPEST)
            join(x, mark);
        return;
    }
    for (; x->undo_count > 0; drop_newest(x))
        x->nodes[x->journal->images[x->journal->count - 1].node & ~TAG].epoch = 0;
}
