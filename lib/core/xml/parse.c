/* SPDX-License-Identifier: MIT */

/* The only file that knows expat. */

#include "core/xml/scan.h"
#include "core/xml/xml.h"

#include <expat.h>

#define MAX_TEXT 0x7FFFFFFFu
#define MAX_SOURCES 255u
/* Longest XML declaration that is looked into. */
#define MAX_DECLARATION 256u
/* Not about a line. */
#define NOWHERE SIZE_MAX
/*
 * Expat reads from a buffer of a power of two bytes, 1 KiB of which is what went before. In one go
 * is a little faster, for expat counts lines between pieces, but takes as much heap as the text.
 */
#define CHUNK 30720u

/* Everything one call needs; expat hands it to the handlers. */
struct job {
    struct prov_xml *x;
    XML_Parser parser;
    struct prov_str name, text;
    struct prov_xml_node *nodes;
    uint32_t last;  /* newest record */
    uint32_t limit; /* the last record this document may use */
    uint32_t open;  /* innermost element that is not closed */
    uint32_t depth;
    uint8_t source;
    struct prov_diags *diags;
    struct prov_diag diag; /* set once, by the first thing that goes wrong */
    size_t at;             /* where that is */
};

static void
set(struct job *j, enum prov_status status, enum prov_diag_code code, size_t at)
{
    j->diag.status = status;
    j->diag.code = code;
    j->at = at;
}

/* The first byte that is neither white space nor comment nor processing instruction. */
static size_t
first_markup(struct prov_str text)
{
    static const struct {
        struct prov_str opens, closes;
    } skipped[] = {
        { PROV_STR_INIT("<!--"), PROV_STR_INIT("-->") },
        { PROV_STR_INIT("<?"), PROV_STR_INIT("?>") },
    };
    size_t at = skip_mark(text), from;

    do {
        from = at = skip_blanks(text, at);
        for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++) {
            if (starts_at(text, at, skipped[i].opens))
                at = skip_to(text, at, skipped[i].closes);
        }
    } while (at > from);
    return at;
}

/* ---- What goes wrong ---- */

static bool
is_html(struct prov_str name)
{
    const struct prov_str html = PROV_STR_INIT("html");

    return prov_str_eq_nocase(name, html);
}

/* True if the text begins like a DOCTYPE or an HTML page, whatever expat disliked in it. */
static bool
blame_prolog(struct job *j)
{
    const struct prov_str doctype = PROV_STR_INIT("<!doctype");
    const size_t at = first_markup(j->text);

    if (starts_at(j->text, at, doctype)) {
        const size_t name = skip_blanks(j->text, at + doctype.len);

        set(j, PROV_E_SYNTAX,
            is_html(word_at(j->text, name)) ? PROV_D_XML_HTML : PROV_D_XML_DOCTYPE, at);
        return true;
    }
    if (at < j->text.len && j->text.ptr[at] == '<' && is_html(word_at(j->text, at + 1))) {
        set(j, PROV_E_SYNTAX, PROV_D_XML_HTML, at);
        return true;
    }
    if (at == skip_blanks(j->text, skip_mark(j->text)) && j->text.ptr[at] != '<') {
        set(j, PROV_E_SYNTAX, PROV_D_XML_NOT_XML, at);
        return true;
    }
    return false;
}

/* Expat points behind a bare `&name`; back to the `&`, or to where it was. */
static size_t
back_to_ampersand(struct prov_str text, size_t at)
{
    size_t from = at;

    while (from > 0 && at - from < 64 && !is_delimiter(text.ptr[from - 1]))
        from--;
    return from > 0 && text.ptr[from - 1] == '&' ? from - 1 : at;
}

/* A byte above 0x7F that begins no character: expat has let every valid one pass. */
static enum prov_diag_code
bad_token(const struct job *j, size_t *at)
{
    const size_t ampersand = back_to_ampersand(j->text, *at);
    const char c = *at < j->text.len ? j->text.ptr[*at] : '\0';

    if ((unsigned char)c >= 0x80)
        return PROV_D_XML_NOT_UTF8;
    if (ampersand != *at) {
        *at = ampersand;
        return PROV_D_XML_AMPERSAND;
    }
    return c == '<' ? PROV_D_XML_LESS_THAN : PROV_D_XML_NOT_WELL_FORMED;
}

/* Which word a diagnostic names. */
enum subject { NO_WORD = 0, OPEN_ELEMENT, WORD_HERE, WORD_BEHIND };

static const struct fault {
    enum XML_Error error;
    enum prov_diag_code code;
    enum subject subject;
} faults[] = {
    /* clang-format off */
    { XML_ERROR_NO_ELEMENTS,            PROV_D_XML_CUT_OFF,             OPEN_ELEMENT },
    { XML_ERROR_UNCLOSED_TOKEN,         PROV_D_XML_CUT_OFF_MARKUP,      NO_WORD },
    { XML_ERROR_PARTIAL_CHAR,           PROV_D_XML_CUT_OFF_MARKUP,      NO_WORD },
    { XML_ERROR_UNCLOSED_CDATA_SECTION, PROV_D_XML_CUT_OFF_MARKUP,      NO_WORD },
    { XML_ERROR_TAG_MISMATCH,           PROV_D_XML_TAG_MISMATCH,        OPEN_ELEMENT },
    { XML_ERROR_DUPLICATE_ATTRIBUTE,    PROV_D_XML_DUPLICATE_ATTRIBUTE, WORD_HERE },
    { XML_ERROR_JUNK_AFTER_DOC_ELEMENT, PROV_D_XML_AFTER_ROOT,          NO_WORD },
    { XML_ERROR_UNDEFINED_ENTITY,       PROV_D_XML_ENTITY_UNDEFINED,    WORD_BEHIND },
    { XML_ERROR_BAD_CHAR_REF,           PROV_D_XML_CHAR_REFERENCE,      NO_WORD },
    { XML_ERROR_MISPLACED_XML_PI,       PROV_D_XML_DECLARATION_PLACE,   NO_WORD },
    { XML_ERROR_XML_DECL,               PROV_D_XML_DECLARATION,         NO_WORD },
    { XML_ERROR_NONE,                   PROV_D_XML_NOT_WELL_FORMED,     NO_WORD }, /* any other */
    /* clang-format on */
};

static const struct fault *
fault_of(enum XML_Error error)
{
    const struct fault *f = faults;

    while (f->error != error && f->error != XML_ERROR_NONE)
        f++;
    return f;
}

static struct prov_str
subject_of(const struct job *j, enum subject kind, size_t at)
{
    const struct prov_str none = { NULL, 0 };

    if (kind == OPEN_ELEMENT)
        at = j->nodes[j->open].tag;
    if (kind == NO_WORD || at >= j->text.len)
        return none;
    return word_at(j->text, kind == WORD_HERE ? at : at + 1);
}

/* Expat points into the section; what is missing belongs to its beginning. */
static size_t
back_to_section(struct prov_str text, size_t at)
{
    const struct prov_str opens = PROV_STR_INIT("<![CDATA[");

    for (size_t i = at + 1; i > 0; i--) {
        if (starts_at(text, i - 1, opens))
            return i - 1;
    }
    return at;
}

/* For an entity in a value expat points at the tag: on to the first `&` that is not known. */
static size_t
on_to_entity(struct prov_str text, size_t at)
{
    for (size_t i = at; i < text.len; i++) {
        if (text.ptr[i] == '&' && !prov_xml_is_reference(prov_str_cut(text, i, text.len)))
            return i;
    }
    return at;
}

/* Expat has refused the text. */
static void
blame(struct job *j)
{
    const enum XML_Error error = XML_GetErrorCode(j->parser);
    const XML_Index index = XML_GetCurrentByteIndex(j->parser);
    const struct fault *fault = fault_of(error);
    const bool rooted = j->last > j->x->node_count;
    size_t at = index >= 0 && (size_t)index < j->text.len ? (size_t)index : j->text.len;

    if (error == XML_ERROR_NO_MEMORY) {
        set(j, PROV_E_MEMORY, PROV_D_NO_HEAP, NOWHERE);
    } else if (!rooted && blame_prolog(j)) {
        return;
    } else if (error == XML_ERROR_NO_ELEMENTS && !rooted) {
        set(j, PROV_E_SYNTAX, PROV_D_XML_EMPTY, at);
    } else if (error == XML_ERROR_INVALID_TOKEN) {
        const enum prov_diag_code code = bad_token(j, &at);

        set(j, PROV_E_SYNTAX, code, at);
    } else {
        if (error == XML_ERROR_UNCLOSED_CDATA_SECTION)
            at = back_to_section(j->text, at);
        if (error == XML_ERROR_UNDEFINED_ENTITY)
            at = on_to_entity(j->text, at);
        set(j, PROV_E_SYNTAX, fault->code, at);
        j->diag.subject = subject_of(j, fault->subject, at);
    }
}

/* ---- Handlers ---- */

static void
stop(struct job *j, enum prov_status status, enum prov_diag_code code, size_t at)
{
    set(j, status, code, at);
    (void)XML_StopParser(j->parser, XML_FALSE);
}

/* The document, or the pool, is full. */
static void
stop_full(struct job *j, size_t at)
{
    const bool document = j->limit - j->x->node_count == j->x->limits.xml_nodes;

    stop(j, PROV_E_LIMIT, document ? PROV_D_XML_NODES : PROV_D_XML_POOL_NODES, at);
    j->diag.need = document ? j->x->limits.xml_nodes : j->x->limits.pool_nodes;
}

static void
stop_at_element(struct job *j, enum prov_diag_code code, uint32_t limit, size_t at)
{
    stop(j, PROV_E_LIMIT, code, at);
    j->diag.need = limit;
    j->diag.subject = word_at(j->text, at + 1);
}

static void
link_node(struct job *j, uint32_t node)
{
    struct prov_xml_node *nodes = j->nodes, *n = &nodes[node], *parent = &nodes[j->open];

    n->parent = j->open;
    n->prev = node;
    n->flags = j->open != PROV_XML_NONE ? NODE_ORIGINAL : 0;
    if (j->open == PROV_XML_NONE)
        return;
    if (parent->first == PROV_XML_NONE) {
        parent->first = node;
    } else {
        n->prev = nodes[parent->first].prev;
        nodes[n->prev].next = node;
        nodes[parent->first].prev = node;
    }
}

static void XMLCALL
on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct job *j = user;
    const struct prov_limits *limits = &j->x->limits;
    const uint32_t at = (uint32_t)XML_GetCurrentByteIndex(j->parser);
    const uint32_t count = (uint32_t)XML_GetSpecifiedAttributeCount(j->parser) / 2;

    (void)attributes;
    if (j->diag.code != PROV_D_NONE)
        return;
    if (j->depth == 0 && is_html(prov_str_z(name)))
        stop(j, PROV_E_SYNTAX, PROV_D_XML_HTML, at);
    else if (j->depth == limits->xml_depth)
        stop_at_element(j, PROV_D_XML_TOO_DEEP, limits->xml_depth, at);
    else if (count > limits->xml_attributes)
        stop_at_element(j, PROV_D_XML_ATTRIBUTES, limits->xml_attributes, at);
    else if (j->last == j->limit)
        stop_full(j, at);
    if (j->diag.code != PROV_D_NONE)
        return;
    const uint32_t node = ++j->last;
    const uint32_t bytes = (uint32_t)XML_GetCurrentByteCount(j->parser);

    j->nodes[node] = (struct prov_xml_node){
        .tag = at, .body = at + bytes, .source = j->source, .tag_source = j->source
    };
    link_node(j, node);
    j->open = node;
    j->depth++;
}

/* For an empty-element tag expat reports the end right behind it, with no bytes. */
static void XMLCALL
on_end(void *user, const XML_Char *name)
{
    struct job *j = user;

    (void)name;
    if (j->diag.code != PROV_D_NONE)
        return;
    struct prov_xml_node *n = &j->nodes[j->open];

    n->end =
        (uint32_t)XML_GetCurrentByteIndex(j->parser) + (uint32_t)XML_GetCurrentByteCount(j->parser);
    j->open = n->parent;
    j->depth--;
}

/* No DOCTYPE, no entities: nothing can grow while it is read. */
static void XMLCALL
on_doctype(void *user, const XML_Char *name, const XML_Char *system, const XML_Char *public_id,
           int has_subset)
{
    struct job *j = user;

    (void)system;
    (void)public_id;
    (void)has_subset;
    stop(j, PROV_E_SYNTAX, is_html(prov_str_z(name)) ? PROV_D_XML_HTML : PROV_D_XML_DOCTYPE,
         first_markup(j->text));
}

/* ---- The XML declaration ---- */

struct declaration {
    size_t end;      /* offset after `?>`; 0: there is none that could be read */
    size_t from, to; /* `encoding="..."` */
    struct prov_str encoding;
};

/* One `name = "value"` inside the declaration; false if it is not of this form. */
static bool
pseudo_attribute(struct prov_str text, size_t *at, struct prov_str *name, struct prov_str *value)
{
    size_t i = skip_blanks(text, *at);

    *name = word_at(text, i);
    i = skip_blanks(text, i + name->len);
    if (name->len == 0 || i >= text.len || text.ptr[i] != '=')
        return false;
    i = skip_blanks(text, i + 1);
    if (i >= text.len || (text.ptr[i] != '"' && text.ptr[i] != '\''))
        return false;
    const char *stop = memchr(text.ptr + i + 1, text.ptr[i], text.len - i - 1);

    if (stop == NULL)
        return false;
    *at = (size_t)(stop - text.ptr) + 1;
    *value = prov_str_cut(text, i + 1, *at - 1);
    return true;
}

static struct declaration
find_encoding(struct prov_str text)
{
    const struct prov_str opens = PROV_STR_INIT("<?xml"), closes = PROV_STR_INIT("?>");
    const struct prov_str key = PROV_STR_INIT("encoding");
    struct declaration d = { .end = skip_mark(text) };
    struct prov_str name, value;
    size_t at = d.end + opens.len;

    if (!starts_at(text, d.end, opens) || at >= text.len || !prov_is_blank(text.ptr[at]))
        return (struct declaration){ .end = 0 };
    d.end = skip_to(prov_str_cut(text, 0, text.len < MAX_DECLARATION ? text.len : MAX_DECLARATION),
                    at, closes);
    if (d.end == at)
        return (struct declaration){ .end = 0 };
    text.len = d.end - closes.len;
    while (pseudo_attribute(text, &at, &name, &value)) {
        if (prov_str_eq(name, key)) {
            d.to = at;
            d.from = (size_t)(name.ptr - text.ptr);
            d.encoding = value;
        }
    }
    return d;
}

/* `[A-Za-z][A-Za-z0-9._-]*`, what expat accepts. */
static bool
is_encoding_name(struct prov_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.ptr[i];

        if (!prov_is_alpha(c) &&
            (i == 0 || (!prov_is_digit(c) && c != '.' && c != '_' && c != '-')))
            return false;
    }
    return name.len > 0;
}

static void
report(struct job *j)
{
    struct prov_xml_place place = { .line = 0 };

    if (j->at != NOWHERE)
        prov_xml_locate(j->text, j->at, &place);
    j->diag.source = j->name;
    j->diag.line = place.line;
    j->diag.column = place.column;
    prov_diags_add(j->diags, &j->diag);
}

static void
warn(struct job *j, const struct declaration *d, enum prov_diag_code code)
{
    j->at = (size_t)(d->encoding.ptr - j->text.ptr);
    j->diag = (struct prov_diag){ .code = code, .subject = d->encoding };
    report(j);
    j->diag = (struct prov_diag){ .code = PROV_D_NONE };
}

/*
 * What the declaration says about the encoding is not believed; a wrong name is
 * reported (DOC-2). Expat would refuse one that is malformed: blanks are put in
 * its place in a copy of the declaration. The result is the length of the copy,
 * 0 if none is needed.
 */
static size_t
mend_declaration(struct job *j, char copy[MAX_DECLARATION])
{
    const struct prov_str utf8 = PROV_STR_INIT("UTF-8"), ascii = PROV_STR_INIT("US-ASCII");
    const struct declaration d = find_encoding(j->text);

    if (d.end == 0 || d.to == 0 || prov_str_eq_nocase(d.encoding, utf8) ||
        prov_str_eq_nocase(d.encoding, ascii))
        return 0;
    if (is_encoding_name(d.encoding)) {
        warn(j, &d, PROV_D_XML_ENCODING_OTHER);
        return 0;
    }
    warn(j, &d, PROV_D_XML_ENCODING_NAME);
    memcpy(copy, j->text.ptr, d.end);
    memset(copy + d.from, ' ', d.to - d.from);
    return d.end;
}

/* ---- The run ---- */

/* Blanks in place of a character. */
static void
blank_out(char *at, const char *end, char c)
{
    while ((at = memchr(at, c, (size_t)(end - at))) != NULL)
        *at++ = ' ';
}

/*
 * Expat sees blanks in place of line ends. To XML they are the same, but each line end in a text
 * would be a token of its own; and nobody asks expat for a line.
 */
static bool
feed(struct job *j, const char *bytes, size_t count, bool last)
{
    char *buffer = XML_GetBuffer(j->parser, (int)count);

    if (buffer == NULL)
        return false;
    memcpy(buffer, bytes, count);
    blank_out(buffer, buffer + count, '\n');
    blank_out(buffer, buffer + count, '\r');
    return XML_ParseBuffer(j->parser, (int)count, last) == XML_STATUS_OK;
}

/*
 * A chunk that ends inside a token makes expat read the token again, so chunks
 * grow as long as it does not get past one: the work stays linear.
 */
static bool
feed_all(struct job *j)
{
    char copy[MAX_DECLARATION];
    size_t at = mend_declaration(j, copy), step = CHUNK;
    XML_Index before = 0;

    if (at > 0 && !feed(j, copy, at, false))
        return false;
    while (j->text.len - at > step) {
        if (!feed(j, j->text.ptr + at, step, false))
            return false;
        at += step;
        const XML_Index index = XML_GetCurrentByteIndex(j->parser);

        step = index > before ? CHUNK : step * 2;
        before = index;
    }
    return feed(j, j->text.ptr + at, j->text.len - at, true);
}

static void
run(struct job *j)
{
    const struct prov_xml_heap *h = &j->x->heap;
    const XML_Memory_Handling_Suite suite = { h->alloc, h->resize, h->release };

    j->parser = XML_ParserCreate_MM("UTF-8", h->alloc != NULL ? &suite : NULL, NULL);
    if (j->parser == NULL) {
        set(j, PROV_E_MEMORY, PROV_D_NO_HEAP, NOWHERE);
        return;
    }
    XML_SetUserData(j->parser, j);
    XML_SetElementHandler(j->parser, on_start, on_end);
    XML_SetStartDoctypeDeclHandler(j->parser, on_doctype);
    (void)XML_SetHashSalt(j->parser, (unsigned long)j->x->hash_salt);
    if (!feed_all(j) && j->diag.code == PROV_D_NONE)
        blame(j);
    XML_ParserFree(j->parser);
}

/* Its byte order marks, or `<` as two bytes. Expat would believe them. */
static bool
is_utf16(struct prov_str text)
{
    static const char starts[4][2] = {
        { '\xFE', '\xFF' }, { '\xFF', '\xFE' }, { '<', '\0' }, { '\0', '<' }
    };

    for (size_t i = 0; i < 4 && text.len >= 2; i++) {
        if (memcmp(text.ptr, starts[i], 2) == 0)
            return true;
    }
    return false;
}

/* What can be said before expat is asked. */
static void
look(struct job *j)
{
    const struct prov_xml *x = j->x;

    if (j->text.len > MAX_TEXT || (j->text.len > 0 && j->text.ptr == NULL)) {
        set(j, PROV_E_ARG, PROV_D_BAD_ARGUMENT, NOWHERE);
    } else if (x->source_count == MAX_SOURCES) {
        set(j, PROV_E_LIMIT, PROV_D_XML_SOURCES, NOWHERE);
        j->diag.need = MAX_SOURCES;
    } else if (skip_blanks(j->text, skip_mark(j->text)) == j->text.len) {
        set(j, PROV_E_SYNTAX, PROV_D_XML_EMPTY, j->text.len);
    } else if (is_utf16(j->text)) {
        set(j, PROV_E_SYNTAX, PROV_D_XML_UTF16, 0);
    }
}

enum prov_status
prov_xml_parse(struct prov_xml *x, struct prov_str name, struct prov_str text, uint32_t *root,
               struct prov_diags *diags)
{
    struct job j = { .x = x, .name = name, .text = text, .diags = diags };

    if (x == NULL || root == NULL) {
        set(&j, PROV_E_ARG, PROV_D_BAD_ARGUMENT, NOWHERE);
        report(&j);
        return PROV_E_ARG;
    }
    const uint32_t room = x->limits.pool_nodes - x->node_count;

    j.nodes = x->nodes;
    j.last = x->node_count;
    j.limit = x->node_count + (room < x->limits.xml_nodes ? room : x->limits.xml_nodes);
    j.source = (uint8_t)(x->source_count + 1);
    look(&j);
    if (j.diag.code == PROV_D_NONE)
        run(&j);
    if (j.diag.code != PROV_D_NONE) {
        report(&j);
        return j.diag.status;
    }
    *root = x->node_count + 1;
    x->node_count = j.last;
    x->sources[++x->source_count] = (struct prov_xml_source){ name, text };
    return PROV_OK;
}
