/* SPDX-License-Identifier: MIT */
#include "conceal.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <prov/enc.h>

#include "mask.h"

#define SALTED_CHARS 11u /* of base64, that hold `Salted__` */
#define SALTED_BYTES 16u /* with the salt */

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t
find(struct prov_str s, size_t at, const char *word)
{
    const size_t n = strlen(word);

    for (; at + n <= s.len; at++) {
        if (memcmp(s.ptr + at, word, n) == 0)
            return at;
    }
    return s.len;
}

void
conceal_address(struct standins *s, struct prov_str bytes, struct text *out)
{
    if (s != NULL)
        standins_add_users(s, bytes, out);
    else
        text_add(out, bytes);
}

/* ---- Encrypted files: what is in them could be guessed at, so it is replaced too ---- */

static bool
is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

/* The last group stays: it may have to end in certain letters. */
static void
conceal_base64(struct standins *s, struct prov_str bytes, struct text *out)
{
    size_t from = 0, end = bytes.len, kept = 0;

    while (from < bytes.len && kept < SALTED_CHARS)
        kept += is_base64(bytes.ptr[from++]);
    for (kept = 0; end > from && kept < 4; end--)
        kept += is_base64(bytes.ptr[end - 1]);
    text_add(out, prov_str_cut(bytes, 0, from));
    while (from < end) {
        size_t to = from;

        while (to < end && (is_base64(bytes.ptr[to]) || is_blank(bytes.ptr[to])))
            to++;
        standins_add(s, prov_str_cut(bytes, from, to), out);
        if (to < end) /* a fault in the file stays one */
            text_add(out, prov_str_cut(bytes, to, to + 1));
        from = to + 1;
    }
    text_add(out, prov_str_cut(bytes, end, bytes.len));
}

static void
conceal_sealed(struct standins *s, struct prov_str bytes, struct text *out)
{
    if (find(bytes, 0, "Salted__") != 0) {
        conceal_base64(s, bytes, out);
        return;
    }
    const size_t head = bytes.len < SALTED_BYTES ? bytes.len : SALTED_BYTES;

    text_add(out, prov_str_cut(bytes, 0, head));
    standins_add(s, prov_str_cut(bytes, head, bytes.len), out);
}

/* ---- Lines of parameters ---- */

static bool
is_name_byte(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
}

/* What follows the name of a secret: quotes and the sign before them stay, the rest does not. */
static void
conceal_value(struct standins *s, struct prov_str rest, struct text *out)
{
    size_t from = 0;

    while (from < rest.len) {
        size_t to = from;

        while (to < rest.len && rest.ptr[to] != '"' && (to > 0 || rest.ptr[to] != '='))
            to++;
        standins_add(s, prov_str_cut(rest, from, to), out);
        if (to < rest.len)
            text_add(out, prov_str_cut(rest, to, to + 1));
        from = to + 1;
    }
}

static void
conceal_line(struct standins *s, struct prov_str line, struct text *out)
{
    size_t from = 0, to;

    while (from < line.len && is_blank(line.ptr[from]))
        from++;
    to = from;
    while (to < line.len && is_name_byte(line.ptr[to]))
        to++;
    if (to > from && mask_is_secret_name(prov_str_cut(line, from, to))) {
        text_add(out, prov_str_cut(line, 0, to));
        conceal_value(s, prov_str_cut(line, to, line.len), out);
    } else if (from < line.len && line.ptr[from] == '#' && mask_is_about_secret(line)) {
        text_add(out, prov_str_cut(line, 0, from + 1));
        standins_add(s, prov_str_cut(line, from + 1, line.len), out);
    } else {
        standins_add_users(s, line, out);
    }
}

static void
conceal_lines(struct standins *s, struct prov_str bytes, struct text *out)
{
    size_t from = 0;

    while (from < bytes.len) {
        const size_t end = find(bytes, from, "\n");
        const size_t next = end < bytes.len ? end + 1 : end;

        conceal_line(s, prov_str_cut(bytes, from, next), out);
        from = next;
    }
}

/* ---- Files ---- */

/* Neither a phone nor we read such: nothing of it is kept. */
static void
conceal_whole(struct prov_str bytes, struct text *out)
{
    for (size_t i = 0; i < bytes.len; i++)
        text_add(out,
                 i < 2 || bytes.ptr[i] == '\0' ? prov_str_cut(bytes, i, i + 1) : prov_str_z("x"));
}

static bool
is_document(struct prov_str bytes)
{
    size_t i = find(bytes, 0, "\xEF\xBB\xBF") == 0 ? 3 : 0;

    if (bytes.len < i)
        return false;
    while (i < bytes.len && is_blank(bytes.ptr[i]))
        i++;
    return i < bytes.len && bytes.ptr[i] == '<';
}

void
conceal_file(struct standins *s, struct prov_str bytes, struct text *out)
{
    if (s == NULL)
        text_add(out, bytes);
    else if (bytes.len == 0)
        text_add_z(out, "");
    else if (prov_enc_is(bytes))
        conceal_sealed(s, bytes, out);
    else if (memchr(bytes.ptr, '\0', bytes.len) != NULL ||
             find(bytes, 0, "PRIVATE KEY--") < bytes.len)
        conceal_whole(bytes, out);
    else if (is_document(bytes))
        mask_document_with(s, bytes, out);
    else
        conceal_lines(s, bytes, out);
}

/* How many bytes at the end are padding: as many as each of them says. */
static size_t
padding_of(struct prov_str s)
{
    const size_t n = s.len > 0 ? (unsigned char)s.ptr[s.len - 1] : 0;

    if (n > PROV_ENC_BLOCK_BYTES || n > s.len)
        return 0;
    for (size_t i = 1; i <= n; i++) {
        if ((unsigned char)s.ptr[s.len - i] != n)
            return 0;
    }
    return n;
}

static bool
is_control(char c)
{
    const unsigned char byte = (unsigned char)c;

    return (byte < 0x20 && !is_blank(c)) || byte == 0x7F;
}

/* With a wrong key, or damaged. What is readable in it may be true; what is not tells the phone why. */
static bool
is_garbage(struct prov_str s)
{
    json_t *text = json_stringn(s.ptr, s.len);
    bool bad = text == NULL;

    json_decref(text);
    for (size_t i = 0; i < s.len; i++)
        bad = bad || is_control(s.ptr[i]);
    return bad;
}

static void
conceal_garbage(struct prov_str bytes, struct text *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        const char c = bytes.ptr[i];

        text_add(out, c > ' ' && c <= '~' ? prov_str_z("x") : prov_str_cut(bytes, i, i + 1));
    }
}

void
conceal_opened(struct standins *s, struct prov_str bytes, struct text *out)
{
    const size_t end = bytes.len - padding_of(bytes);
    const struct prov_str text = prov_str_cut(bytes, 0, end);

    if (is_garbage(text))
        conceal_garbage(text, out);
    else
        conceal_file(s, text, out);
    text_add(out, prov_str_cut(bytes, end, bytes.len));
}

void
conceal_record(struct standins *s, struct prov_str bytes, struct text *out)
{
    static const char hex[] = "0123456789abcdef";
    struct text plain = { 0 };
    size_t run = 0;

    conceal_address(s, bytes, &plain);
    for (size_t i = 0; s != NULL && i < plain.len; i++) {
        uint8_t digest[32] = { 0 };

        run = strchr(hex, plain.ptr[i]) != NULL ? run + 1 : 0;
        if (run < 64 || (i + 1 < plain.len && strchr(hex, plain.ptr[i + 1]) != NULL))
            continue;
        char *at = plain.ptr + i - 63;

        for (unsigned k = 0; k < 64; k++)
            digest[k / 2] = (uint8_t)(digest[k / 2] * 16 + (strchr(hex, at[k]) - hex));
        standins_digest(s, digest);
        for (unsigned k = 0; k < 64; k++)
            at[k] = hex[k % 2 == 0 ? digest[k / 2] >> 4 : digest[k / 2] & 15];
    }
    text_add(out, text_str(&plain));
    text_free(&plain);
}
