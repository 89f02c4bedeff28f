/* SPDX-License-Identifier: MIT */
#ifndef PROV_CFG_H
#define PROV_CFG_H

/**
 * @file
 * @brief Text configuration files: lines `NAME="value"`, read and changed in place (PAN-2, DOC-1).
 *
 * Layer: core (pure).
 *
 * prov_cfg_begin() looks at the whole text once and refuses what may not be used; after that,
 * reading and finding cannot fail. Every span points into the text, nothing is copied or decoded.
 *
 *     struct prov_cfg c;
 *     struct prov_cfg_line line;
 *
 *     if (prov_cfg_begin(&c, source, text, rules, &diags) == PROV_OK &&
 *         prov_cfg_find(&c, name, &line))
 *         use(line.value);
 *
 * The form of a file:
 *
 *  - A line ends with CR LF or LF. The last one should too; if it does not, it counts with a
 *    warning. CR alone ends no line; at the very end of the text it is a CR LF that lost its half.
 *  - The first line that is not blank is a comment and holds one of the marks of the rules. A byte
 *    order mark before it is taken with a warning.
 *  - A line of nothing but blanks and tabs is blank; one that begins with `#` is a comment.
 *  - Every other line is `NAME="value"`: the name of ASCII letters, digits and `_`, nothing before
 *    it, nothing behind the closing quotation mark. The value is UTF-8 without control bytes and
 *    without a quotation mark: there is no way to write one. It may be empty.
 *  - A line that is too long, or of none of these forms, is skipped with a warning. No line changes
 *    how another one is read.
 *
 * The whole text is refused if a parameter is split over lines. A line stops inside a parameter if
 * it ends behind the name, behind the `=`, or before the closing quotation mark. If it is the last
 * one and has no line end, the file was cut off. Otherwise the next line that is not blank tells:
 * it goes on with the parameter if it begins with `=` or with `"` respectively; in the third
 * case, if it is no comment and does not begin with `NAME="`. If it does not go on, the line is a
 * malformed one like any other.
 */

#include <prov/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which one counts of several lines with the same name. */
enum prov_cfg_equal {
    PROV_CFG_FIRST = 0,
    PROV_CFG_LAST = 1,
};

/** What one family of files is like. Constant data of a dialect; lives as long as it is used. */
struct prov_cfg_rules {
    const struct prov_str *marks; /**< The first comment line holds one of them. None is empty. */
    size_t mark_count;            /**< At least 1. */
    uint32_t line_bytes;  /**< Longest line with its line end; a missing one counts as CR LF.
                               At least 1. */
    uint32_t name_bytes;  /**< Longest name. At least 1. */
    uint32_t value_bytes; /**< Longest value, without the quotation marks. */
    enum prov_cfg_equal equal;
};

/** What a line is. */
enum prov_cfg_kind {
    PROV_CFG_BLANK = 0,     /**< Nothing but blanks and tabs. */
    PROV_CFG_COMMENT = 1,   /**< Begins with `#`. */
    PROV_CFG_PARAMETER = 2, /**< `NAME="value"`. */
    PROV_CFG_SKIPPED = 3,   /**< Too long or malformed: it has no effect. */
};

/** One line. Spans are borrowed from the text. */
struct prov_cfg_line {
    enum prov_cfg_kind kind;
    enum prov_diag_code code; /**< Number of the warning about it, #PROV_D_NONE without one. A byte
                                 order mark and a missing line end are not about the line. */
    struct prov_str raw;   /**< All bytes with the line end. Those of all lines, in order, are the
                                text. Not empty. */
    struct prov_str name;  /**< Of a parameter; empty for any other kind. */
    struct prov_str value; /**< Bytes between the quotation marks. */
    uint32_t line;         /**< From 1. */
    uint32_t column;       /**< In bytes from 1. Of a parameter: the first byte of the value, or
                                its closing quotation mark if it is empty; of a skipped line: the
                                byte at fault; else 1. */
};

/**
 * A text that was found fit for reading, and a place in it.
 *
 * In the caller's memory; members are read-only. A copy is a second reader of the same text with a
 * place of its own; one copied right after prov_cfg_begin() begins at the first line.
 */
struct prov_cfg {
    struct prov_str source;
    struct prov_str text;
    const struct prov_cfg_rules *rules;
    struct prov_diags *diags;
    size_t pos;    /**< Bytes of @p text that have been read. */
    uint32_t line; /**< Lines that have been read. */
};

/**
 * Tell whether a text is a file of this kind, whatever else may be wrong with it (DOC-1).
 *
 * @param[in] text   The file.
 * @param[in] rules  As for prov_cfg_begin().
 * @return    True if the first line that is not blank begins with `#` and holds a mark; false too
 *            for arguments that prov_cfg_begin() does not take.
 * @threads   Safe from any thread.
 * @cost      O(blank lines at the beginning + first line * marks).
 * @since     0.1
 */
PROV_API bool prov_cfg_is(struct prov_str text, const struct prov_cfg_rules *rules);

/**
 * Begin to read a text, or refuse it as a whole (PAN-2).
 *
 * @param[out]    c       The reader, before the first line. Unless #PROV_OK it is left as it was.
 * @param[in]     source  Name for diagnostics. Borrowed as long as @p c and @p diags.
 * @param[in]     text    The file, no terminating NUL needed. Borrowed as long as @p c and
 *                        @p diags.
 * @param[in]     rules   Borrowed as long as @p c is used.
 * @param[in,out] diags   Gets one error on every result but #PROV_OK. Warnings come later, from
 *                        prov_cfg_next(). May be NULL. Borrowed as long as @p c is used. Subjects
 *                        are names of parameters, never values.
 *
 * @retval PROV_OK        prov_cfg_next() gives every line.
 * @retval PROV_E_ARG     @p c, @p rules or `text.ptr` with a length is NULL, a member of @p rules is
 *                        outside its range, or the text has UINT32_MAX bytes or more.
 * @retval PROV_E_TYPE    The text holds no line that is not blank, the first of them is no comment,
 *                        or that comment holds no mark.
 * @retval PROV_E_LIMIT   That comment line is longer than `line_bytes`, which is `need`.
 * @retval PROV_E_SYNTAX  That comment line holds a CR: the lines of the file end with CR alone. Or a
 *                        parameter is split over lines, or cut off by the end of the text; place and
 *                        subject are those of the line where it begins.
 * @memory    No allocation.
 * @threads   Safe from any thread as long as @p diags is not shared.
 * @cost      O(text.len + first line * marks).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_cfg_begin(struct prov_cfg *c, struct prov_str source,
                                                        struct prov_str text,
                                                        const struct prov_cfg_rules *rules,
                                                        struct prov_diags *diags);

/**
 * Read the next line.
 *
 * @param[in,out] c     From prov_cfg_begin(). Its diagnostics get a warning if the line is skipped;
 *                      if it counts, but its value is not UTF-8; if it is a comment with a CR in it,
 *                      which may hide a line; if a byte order mark stands before it; and if it is
 *                      the last one and has no line end.
 * @param[out]    line  The line. If there is none it is left as it was.
 * @return    True if there was a line; false at the end, and if a pointer is NULL.
 * @threads   A reader is used by one thread at a time.
 * @cost      O(length of the line).
 * @since     0.1
 */
PROV_API bool prov_cfg_next(struct prov_cfg *c, struct prov_cfg_line *line);

/**
 * Find the line that counts for a name: the first or the last one, as the rules say.
 *
 * @param[in]  c     From prov_cfg_begin(). Its place does not matter and stays; no warnings.
 * @param[in]  name  Compared byte for byte.
 * @param[out] line  A line of kind #PROV_CFG_PARAMETER. If there is none it is left as it was.
 * @return     True if there is one; false too if a pointer is NULL.
 * @threads    Safe from any thread as long as @p c does not change.
 * @cost       O(text.len); up to the line if the first one counts.
 * @since      0.1
 */
PROV_API bool prov_cfg_find(const struct prov_cfg *c, struct prov_str name,
                            struct prov_cfg_line *line);

/** One thing to do with a text. Spans are borrowed for the call. */
struct prov_cfg_change {
    struct prov_str name;
    struct prov_str value; /**< Ignored with @p remove. */
    bool remove;           /**< Take every line of this name out; no matter if there is none. */
    uint32_t line; /**< Set by prov_cfg_write(): the line of the old text that counts for the
                        name, 0 if there is none. Of no meaning unless #PROV_OK. */
};

/**
 * Append a text with some parameters changed to a buffer (PAN-2).
 *
 * A new value goes into the line that counts and nothing else of that line changes; further lines
 * of the same name stay. A parameter that is not there yet gets a line at the end of the text, in
 * the order of the changes, with the line end of the first line (CR LF if that has none). All
 * other bytes stay as they are; but if the last line has no line end and something follows, it gets
 * one. The result is fit for prov_cfg_begin(), and prov_cfg_find() gives the new values back:
 * where a line to be taken out keeps an unfinished line and what follows apart, a `#` stays for it.
 *
 * @param[in]     old      From prov_cfg_begin(). Its place does not matter and stays.
 * @param[in,out] changes  Each name once. May be NULL if @p count is 0. Only `line` is written.
 * @param[in]     count    Entries in @p changes. With 0, a copy of the text is written.
 * @param[in,out] out      Appended to. Unless #PROV_OK its length and the bytes before it stay as
 *                         they were. Must not overlap with the text or the changes.
 * @param[out]    diag     Filled on every result but #PROV_OK. May be NULL. `subject` is the name at
 *                         fault, borrowed from @p changes; no value is shown.
 *
 * @retval PROV_OK         Appended.
 * @retval PROV_E_ARG      @p old, @p out or @p changes with a count is NULL; or a name stands twice in
 *                         @p changes (it is `subject`).
 * @retval PROV_E_INVALID  A name is empty or holds a byte that no name can; or a value holds a
 *                         quotation mark or a control byte. `column` counts bytes of that name or
 *                         value from 1. Bytes that are not UTF-8 are written as given.
 * @retval PROV_E_LIMIT    A name is longer than `name_bytes`, a value than `value_bytes`, or its
 *                         line with CR LF than `line_bytes`; `need` is the limit.
 * @retval PROV_E_SPACE    It does not fit; `need` is the capacity (`out->cap`) that would have
 *                         sufficed.
 * @ownership Nothing is kept.
 * @memory    Writes only to `out->ptr[out->len .. out->cap)`. No allocation.
 * @threads   Safe from any thread as long as @p out is not shared and @p old does not change.
 * @cost      O(text.len + lines * changes + changes^2).
 * @since     0.1
 */
PROV_API PROV_NODISCARD enum prov_status prov_cfg_write(const struct prov_cfg *old,
                                                        struct prov_cfg_change *changes,
                                                        size_t count, struct prov_buf *out,
                                                        struct prov_diag *diag);

#ifdef __cplusplus
}
#endif
#endif /* PROV_CFG_H */
