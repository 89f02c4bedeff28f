/* SPDX-License-Identifier: MIT */
#include <prov/rfc5261.h>

#include "support/prov_settings.h"

/* The examples of the RFC are cases of tests/golden; here is what they do not show. */

#define ARENA (1u << 20)

static const struct prov_limits small = { .size = sizeof(small), .xml_nodes = 256 };

struct row {
    const char *name;
    const char *settings, *diff;
    const char *want; /* NULL: as before */
    enum prov_diag_code code;
};

static void
run_row(const struct row *r)
{
    struct world w;

    PROV_ROW(r->name, world_open(&w, "auerswald-d", r->settings, ARENA, &small, NULL) == PROV_OK);
    PROV_ROW(r->name, world_apply(&w, r->diff) == PROV_OK);
    char *got = world_written(&w);
    const char *want = r->want != NULL ? r->want : r->settings;

    if (strcmp(want, got) != 0)
        print_error("want: %s\ngot:  %s\n", want, got);
    PROV_ROW(r->name, strcmp(want, got) == 0);
    PROV_ROW(r->name, (w.diags.count > 0 ? w.kept[0].code : PROV_D_NONE) == r->code);
    free(got);
    world_close(&w);
}

#define C(s) "<configuration>" s "</configuration>"
#define D(s) "<diff>" s "</diff>"
#define ADD(sel, more, body) "<add sel=\"" sel "\"" more ">" body "</add>"
#define REP(sel, body) "<replace sel=\"" sel "\">" body "</replace>"
#define REM(sel, more) "<remove sel=\"" sel "\"" more "/>"

static const struct row edits[] = {
    /* clang-format off */
    { "append",            C("<a><b/></a>"), D(ADD("configuration/a", "", "<c/>")), C("<a><b/><c/></a>"), 0 },
    { "absolute",          C("<a><b/></a>"), D(ADD("/configuration/a", "", "<c/>")), C("<a><b/><c/></a>"), 0 },
    { "any",               C("<a><b/></a>"), D(ADD("*/*", "", "<c/>")), C("<a><b/><c/></a>"), 0 },
    { "into an empty tag", C("<a />"), D(ADD("*/a", "", "x<c/>y")), C("<a>x<c/>y</a>"), 0 },
    { "prepend",           C("<a>x<b/></a>"), D(ADD("*/a", " pos='prepend'", "<c/>")), C("<a><c/>x<b/></a>"), 0 },
    { "before",            C("<a>x<b/></a>"), D(ADD("*/a/b", " pos='before'", "y<c/>")), C("<a>xy<c/><b/></a>"), 0 },
    { "after",             C("<a><b/>x</a>"), D(ADD("*/a/b", " pos='after'", "<c/>y")), C("<a><b/><c/>yx</a>"), 0 },
    { "after a text",      C("<a>x<b/>y</a>"), D(ADD("*/a/text()[1]", " pos='after'", "<c/>")), C("<a>x<c/><b/>y</a>"), 0 },
    { "before a comment",  C("<a>x<!--n-->y</a>"), D(ADD("*/a/comment()", " pos='before'", "<c/>")), C("<a>x<c/><!--n-->y</a>"), 0 },
    { "all kinds of nodes", C("<a/>"), D(ADD("*/a", "", "\n <!--n--><?p i?><![CDATA[<]]><c/>&lt; ")), C("<a>\n <!--n--><?p i?><![CDATA[<]]><c/>&lt; </a>"), 0 },
    { "order is kept",     C("<a/>"), D(ADD("*/a", "", "<b/>") ADD("*/a/b", "", "<c/>") REM("*/a/b/c", "")), C("<a><b/></a>"), 0 },
    { "attribute",         C("<a/>"), D(ADD("*/a", " type='@k'", "1 &lt; &quot;2&quot; &amp;\n")), C("<a k=\"1 &lt; &quot;2&quot; &amp;&#10;\"/>"), 0 },
    { "attribute of the root", C("<a/>"), D(ADD("*", " type='@v'", "1")), "<configuration v=\"1\"><a/></configuration>", 0 },
    { "replaced attribute", C("<a  k = '1' l='2'>x</a>"), D(REP("*/a/@k", "it's")), C("<a  k=\"it's\" l='2'>x</a>"), 0 },
    { "emptied attribute", C("<a k='1'/>"), D(REP("*/a/@k", "")), C("<a k=\"\"/>"), 0 },
    { "removed attribute", C("<a k='1' l='2'/>"), D(REM("*/a/@k", "")), C("<a l='2'/>"), 0 },
    { "replaced element",  C("<a>x<b>1</b>y</a>"), D(REP("*/a/b", " <c/>\n")), C("<a>x<c/>y</a>"), 0 },
    { "second text",       C("<a>x<b/>y</a>"), D(REP("*/a/text()[2]", "z")), C("<a>x<b/>z</a>"), 0 },
    { "emptied text",      C("<a>x<b/>y</a>"), D(REP("*/a/text()[2]", "")), C("<a>x<b/></a>"), 0 },
    { "text with CDATA is one", C("<a>x<![CDATA[y]]>z</a>"), D(REP("*/a/text()", "1")), C("<a>1</a>"), 0 },
    { "replaced comment",  C("<a>x<!--1--></a>"), D(REP("*/a/comment()", "<!--2-->")), C("<a>x<!--2--></a>"), 0 },
    { "instruction by target", C("<a><?p 1?><?pp 2?></a>"), D(REP("*/a/processing-instruction('pp')", "<?q?>")), C("<a><?p 1?><?q?></a>"), 0 },
    { "second instruction", C("<a><?p 1?><?p 2?></a>"), D(REM("*/a/processing-instruction()[2]", "")), C("<a><?p 1?></a>"), 0 },
    { "texts become one",  C("<a>x<b/>y</a>"), D(REM("*/a/b", "") REP("*/a/text()", "z")), C("<a>z</a>"), 0 },
    { "ws before",         C("<a>\n <b/>\n</a>"), D(REM("*/a/b", " ws='before'")), C("<a>\n</a>"), 0 },
    { "ws after",          C("<a>\n <b/>\r\n</a>"), D(REM("*/a/b", " ws='after'")), C("<a>\n </a>"), 0 },
    { "ws both",           C("<a>\n <b/>\n</a>"), D(REM("*/a/b", " ws='both'")), C("<a></a>"), 0 },
    { "ws before, in two parts", C("<a> <b/> <c/></a>"), D(REM("*/a/b", "") REM("*/a/c", " ws='before'")), C("<a></a>"), 0 },
    { "ws as a reference", C("<a>&#32;&#xA;<b/><![CDATA[ ]]>\n<c/></a>"), D(REM("*/a/b", " ws='both'")), C("<a><c/></a>"), 0 },
    { "ws of a comment",   C("<a> <!--n--> </a>"), D(REM("*/a/comment()", " ws='both'")), C("<a></a>"), 0 },
    { "new section",       C("\n <a/>\n"), D(ADD("configuration", "", " <b><c/></b>\n") ADD("configuration/b", "", "<d/>")), C("\n <a/>\n <b><c/><d/></b>\n"), 0 },
    { "section in front",  C("<a/>"), D(ADD("*/a", " pos='before'", "<b/>")), C("<b/><a/>"), 0 },
    { "section removed",   C("\n<a/>\n<b/>\n"), D(REM("*/a", " ws='before'")), C("\n<b/>\n"), 0 },
    { "section replaced",  C("<a>1</a>"), D(REP("*/a", "<a>2</a>") REP("*/a/text()", "3")), C("<a>3</a>"), 0 },
    { "section removed and new", C("<a>1</a>"), D(REM("*/a", "") ADD("*", "", "<a>2</a>")), C("<a>2</a>"), 0 },
    { "comment in the root", C("<a/>"), D(ADD("*", " pos='prepend'", "<!--n-->")), C("<!--n--><a/>"), 0 },
    { "text of the root",  C("<a/> x "), D(REP("*/text()", " ")), C("<a/> "), 0 },
    { "by key",            C("<a><k n='1'/><k n='2'/></a>"), D(ADD("*/a/k[@n='2']", "", "x")), C("<a><k n='1'/><k n='2'>x</k></a>"), 0 },
    { "by child",          C("<a><k><n>1</n></k><k><n>2</n></k></a>"), D(REM("*/a/k[n='1']", "")), C("<a><k><n>2</n></k></a>"), 0 },
    { "by own text",       C("<a><k>1</k><k>2</k></a>"), D(REM("*/a/k[.='1']", "")), C("<a><k>2</k></a>"), 0 },
    { "by position after a test", C("<a><k n='1'/><k n='2'/><k n='2' m=''/></a>"), D(REM("*/a/k[@n='2'][2]", "")), C("<a><k n='1'/><k n='2'/></a>"), 0 },
    { "blanks in a test",  C("<a><k n='1'/></a>"), D(REM("*/a/k[ @n = '1' ]", "")), C("<a></a>"), 0 },
    { "entity in a selector", C("<a><k n='&lt;'/></a>"), D(REM("*/a/k[@n='&lt;']", "")), C("<a></a>"), 0 },
    { "brackets stay apart", C("<a>x]]<b/>></a>"), D(REM("*/a/b", "")), C("<a>x]]&gt;</a>"), 0 },
    { "one bracket is plain", C("<a>x]<b/>></a>"), D(REM("*/a/b", "")), C("<a>x]></a>"), 0 },
    { "brackets in three",  C("<a>]<b/>]<c/>></a>"), D(REM("*/a/b", "") REM("*/a/c", "")), C("<a>]&#93;></a>"), 0 },
    { "CR and LF stay apart", C("<a>x\r<b/>\ny</a>"), D(REM("*/a/b", "")), C("<a>x\r&#10;y</a>"), 0 },
    /* clang-format on */
};

static void
edits_literally(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(edits); i++)
        run_row(&edits[i]);
}

static const struct row refusals[] = {
    /* clang-format off */
    { "not an operation", C("<a/>"), D("<move sel='*/a'/>"), NULL, PROV_D_DIFF_FORMAT },
    { "no selector",      C("<a/>"), D("<remove/>"), NULL, PROV_D_DIFF_NO_SELECTOR },
    { "body of remove",   C("<a/>"), D("<remove sel='*/a'>x</remove>"), NULL, PROV_D_DIFF_FORMAT },
    { "empty selector",   C("<a/>"), D(REM("", "")), NULL, PROV_D_DIFF_SELECTOR },
    { "slash alone",      C("<a/>"), D(REM("/", "")), NULL, PROV_D_DIFF_SELECTOR },
    { "two slashes",      C("<a/>"), D(REM("*//a", "")), NULL, PROV_D_DIFF_SELECTOR },
    { "dots",             C("<a/>"), D(REM("*/a/..", "")), NULL, PROV_D_DIFF_SELECTOR },
    { "axis",             C("<a/>"), D(REM("*/child::a", "")), NULL, PROV_D_DIFF_SELECTOR },
    { "function",         C("<a/>"), D(REM("*/a[last()]", "")), NULL, PROV_D_DIFF_SELECTOR },
    { "position 0",       C("<a/>"), D(REM("*/a[0]", "")), NULL, PROV_D_DIFF_SELECTOR },
    { "test without end", C("<a/>"), D(REM("*/a[1", "")), NULL, PROV_D_DIFF_SELECTOR },
    { "quote without end", C("<a/>"), D(REM("*/a[@b='1]", "")), NULL, PROV_D_DIFF_SELECTOR },
    { "no value",         C("<a/>"), D(REM("*/a[@b]", "")), NULL, PROV_D_DIFF_SELECTOR },
    { "after an attribute", C("<a/>"), D(REM("*/@a/b", "")), NULL, PROV_D_DIFF_SELECTOR },
    { "trailing slash",   C("<a/>"), D(REM("*/a/", "")), NULL, PROV_D_DIFF_SELECTOR },
    { "unknown prefix",   C("<a/>"), D(REM("*/p:a", "")), NULL, PROV_D_DIFF_PREFIX },
    { "pos is wrong",     C("<a/>"), D(ADD("*/a", " pos='append'", "")), NULL, PROV_D_DIFF_ATTRIBUTE },
    { "ws on add",        C("<a/>"), D(ADD("*/a", " ws='both'", "")), NULL, PROV_D_DIFF_ATTRIBUTE },
    { "ws is wrong",      C("<a/>"), D(REM("*/a", " ws='no'")), NULL, PROV_D_DIFF_ATTRIBUTE },
    { "type is wrong",    C("<a/>"), D(ADD("*/a", " type='k'", "1")), NULL, PROV_D_DIFF_ATTRIBUTE },
    { "type is empty",    C("<a/>"), D(ADD("*/a", " type=''", "1")), NULL, PROV_D_DIFF_ATTRIBUTE },
    { "type and pos",     C("<a/>"), D(ADD("*/a", " type='@k' pos='before'", "1")), NULL, PROV_D_DIFF_ATTRIBUTE },
    { "type is no name",  C("<a/>"), D(ADD("*/a", " type='@1'", "1")), NULL, PROV_D_DIFF_ATTRIBUTE },
    { "type is not ASCII", C("<a/>"), D(ADD("*/a", " type='@\xC3\xBC'", "1")), NULL, PROV_D_DIFF_ATTRIBUTE },
    { "type declares",    C("<a/>"), D(ADD("*/a", " type='@xmlns:p'", "u")), NULL, PROV_D_DIFF_ATTRIBUTE },
    { "type: prefix is no name", C("<a/>"), D(ADD("*/a", " type='namespace::1'", "u")), NULL, PROV_D_DIFF_ATTRIBUTE },
    { "type: no prefix",  C("<a/>"), D(ADD("*/a", " type='namespace::'", "u")), NULL, PROV_D_DIFF_ATTRIBUTE },
    { "attribute is there", C("<a k=''/>"), D(ADD("*/a", " type='@k'", "1")), NULL, PROV_D_DIFF_ATTRIBUTE_EXISTS },
    { "element as value", C("<a/>"), D(ADD("*/a", " type='@k'", "<b/>")), NULL, PROV_D_DIFF_VALUE },
    { "CDATA as value",   C("<a/>"), D(ADD("*/a", " type='@k'", "<![CDATA[b]]>")), NULL, PROV_D_DIFF_VALUE },
    { "comment in a new value", C("<a k=''/>"), D(REP("*/a/@k", "b<!--c-->")), NULL, PROV_D_DIFF_VALUE },
    { "child of a text",  C("<a>x</a>"), D(ADD("*/a/text()", "", "<b/>")), NULL, PROV_D_DIFF_DIRECTIVE },
    { "child of an attribute", C("<a k=''/>"), D(ADD("*/a/@k", "", "x")), NULL, PROV_D_DIFF_SELECTOR },
    { "beside a declaration", C("<a xmlns:x='u'/>"), D(ADD("*/a/namespace::x", " pos='after'", "x")), NULL, PROV_D_DIFF_SELECTOR },
    { "attribute of a text", C("<a>x</a>"), D(ADD("*/a/text()", " type='@k'", "x")), NULL, PROV_D_DIFF_DIRECTIVE },
    { "text for an element", C("<a><b/></a>"), D(REP("*/a/b", "x")), NULL, PROV_D_DIFF_NODE_TYPES },
    { "two for one",      C("<a><b/></a>"), D(REP("*/a/b", "<c/><d/>")), NULL, PROV_D_DIFF_NODE_TYPES },
    { "nothing for one",  C("<a><b/></a>"), D(REP("*/a/b", " ")), NULL, PROV_D_DIFF_NODE_TYPES },
    { "element for text", C("<a>x</a>"), D(REP("*/a/text()", "<c/>")), NULL, PROV_D_DIFF_NODE_TYPES },
    { "instruction for comment", C("<a><!--n--></a>"), D(REP("*/a/comment()", "<?p?>")), NULL, PROV_D_DIFF_NODE_TYPES },
    { "root removed",     C("<a/>"), D(REM("*", "")), NULL, PROV_D_DIFF_ROOT },
    { "root replaced",    C("<a/>"), D(REP("configuration", "<configuration/>")), NULL, PROV_D_DIFF_ROOT },
    { "comment before the root", C("<a/>"), D(ADD("*", " pos='before'", "<!--n-->")), NULL, PROV_D_DIFF_PROLOG },
    { "beside the root",  C("<a/>"), D(ADD("*", " pos='after'", "<b/>")), NULL, PROV_D_DIFF_ROOT },
    { "comment beside the root", "<!--n-->" C("<a/>"), D(REM("comment()", "")), NULL, PROV_D_DIFF_PROLOG },
    { "attribute of nothing", C("<a/>"), D(REM("@a", "")), NULL, PROV_D_DIFF_UNLOCATED },
    { "no white space before", C("<a>x<b/></a>"), D(REM("*/a/b", " ws='before'")), NULL, PROV_D_DIFF_WHITE_SPACE },
    { "text before in two parts", C("<a>x<b/> <c/></a>"), D(REM("*/a/b", "") REM("*/a/c", " ws='before'")), NULL, PROV_D_DIFF_WHITE_SPACE },
    { "text after in two parts", C("<a><c/> <b/>x</a>"), D(REM("*/a/b", "") REM("*/a/c", " ws='after'")), NULL, PROV_D_DIFF_WHITE_SPACE },
    { "text after",       C("<a><b/> x</a>"), D(REM("*/a/b", " ws='after'")), NULL, PROV_D_DIFF_WHITE_SPACE },
    { "only one side",    C("<a> <b/></a>"), D(REM("*/a/b", " ws='both'")), NULL, PROV_D_DIFF_WHITE_SPACE },
    { "ws of a text",     C("<a> <b/></a>"), D(REM("*/a/text()", " ws='after'")), NULL, PROV_D_DIFF_WHITE_SPACE },
    { "nothing there",    C("<a/>"), D(REM("*/a/b", "")), NULL, PROV_D_DIFF_UNLOCATED },
    { "another root",     C("<a/>"), D(REM("settings/a", "")), NULL, PROV_D_DIFF_UNLOCATED },
    { "two of them",      C("<a><b/><b/></a>"), D(REM("*/a/b", "")), NULL, PROV_D_DIFF_SEVERAL },
    { "two texts",        C("<a>x<b/>y</a>"), D(REM("*/a/text()", "")), NULL, PROV_D_DIFF_SEVERAL },
    { "third text",       C("<a>x<b/>y</a>"), D(REM("*/a/text()[3]", "")), NULL, PROV_D_DIFF_UNLOCATED },
    { "id()",             C("<a/>"), D(REM("id('x')", "")), NULL, PROV_D_DIFF_ID },
    { "xml:id",           C("<a xml:id='x'/>"), D(REM("id('x')/b", "")), NULL, PROV_D_DIFF_XML_ID },
    { "id() of nothing",  C("<a xml:id=''/>"), D(REM("id()/b", "")), NULL, PROV_D_DIFF_ID },
    { "malformed id()",   C("<a/>"), D(REM("id(x)", "")), NULL, PROV_D_DIFF_SELECTOR },
    { "sections of two names", C("<a/>"), D(ADD("*", "", "<b/><c/>")), NULL, PROV_D_DIFF_SECTIONS },
    { "section is there", C("<a/>"), D(ADD("*", "", "<a/>")), NULL, PROV_D_DIFF_SECTION_EXISTS },
    { "section twice",    C("<a/>"), D(ADD("*", "", "<b/><b/>")), NULL, PROV_D_DIFF_SECTION_EXISTS },
    { "section renamed",  C("<a/>"), D(REP("*/a", "<b/>")), NULL, PROV_D_SECTION_RENAMED },
    { "not the section of before", C("<a/><b/>"), D(REM("*/a", "") REM("*/*[1]", "")), NULL, PROV_D_DIFF_OTHER_SECTION },
    { "text of a tree",   C("<a><k><n>1</n></k></a>"), D(REM("*/a/k[.='1']", "")), NULL, PROV_D_DIFF_STRING_VALUE },
    { "a whole section is lost", C("<a/>"), D(ADD("*/a", "", "<b/>") REM("*/a/c", "")), NULL, PROV_D_DIFF_UNLOCATED },
    { "another section is kept", C("<a/><b/>"), D(ADD("*/a", "", "<c/>") REM("*/b/c", "")), C("<a><c/></a><b/>"), PROV_D_DIFF_UNLOCATED },
    /* clang-format on */
};

static void
refuses_with_a_number_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(refusals); i++)
        run_row(&refusals[i]);
}

/* ---- Namespaces ---- */

#define P(more, s) "<p:diff xmlns:p='d'" more ">" s "</p:diff>"
#define PADD(sel, more, body) "<p:add sel=\"" sel "\"" more ">" body "</p:add>"

static const struct row namespaces[] = {
    /* clang-format off */
    { "other prefix in the selector", C("<a xmlns:x='u'><x:b/><b/></a>"), P(" xmlns:y='u'", "<p:remove sel='*/a/y:b'/>"), C("<a xmlns:x='u'><b/></a>"), 0 },
    { "no prefix, no namespace", C("<a xmlns:x='u'><x:b/><b/></a>"), D(REM("*/a/b", "")), C("<a xmlns:x='u'><x:b/></a>"), 0 },
    { "default namespace", C("<a xmlns='u'><b/></a>"), "<diff xmlns='u'>" REM("*/a/b", "") "</diff>", C("<a xmlns='u'></a>"), 0 },
    { "namespace does not fit", C("<a xmlns='u'><b/></a>"), D(REM("*/a/b", "")), NULL, PROV_D_DIFF_UNLOCATED },
    { "the same by other words", C("<a xmlns:x='u&#38;v'><x:b/></a>"), P(" xmlns:y='u&amp;v'", "<p:remove sel='*/a/y:b'/>"), C("<a xmlns:x='u&#38;v'></a>"), 0 },
    { "attribute in a test", C("<a xmlns:x='u'><b x:k='1'/><b k='1'/></a>"), P(" xmlns:y='u'", "<p:remove sel=\"*/a/b[@y:k='1']\"/>"), C("<a xmlns:x='u'><b k='1'/></a>"), 0 },
    { "attribute at the end", C("<a xmlns:x='u'><b x:k='1' k='2'/></a>"), P(" xmlns:y='u'", "<p:replace sel='*/a/b/@y:k'>3</p:replace>"), C("<a xmlns:x='u'><b x:k=\"3\" k='2'/></a>"), 0 },
    { "declaration is no attribute", C("<a xmlns:x='u'/>"), P(" xmlns:xmlns='v'", "<p:remove sel='*/a/@xmlns:x'/>"), NULL, PROV_D_DIFF_UNLOCATED },
    { "xml prefix", C("<a xml:lang='de'/>"), D(REP("*/a/@xml:lang", "fr")), C("<a xml:lang=\"fr\"/>"), 0 },
    { "added xml attribute", C("<a/>"), D(ADD("*/a", " type='@xml:lang'", "fr")), C("<a xml:lang=\"fr\"/>"), 0 },
    { "added attribute gets the prefix", C("<a xmlns:x='u'/>"), P(" xmlns:y='u'", PADD("*/a", " type='@y:k'", "1")), C("<a xmlns:x='u' x:k=\"1\"/>"), 0 },
    { "added attribute without prefix", C("<a xmlns='u'/>"), P(" xmlns:y='u'", PADD("*/y:a", " type='@y:k'", "1")), NULL, PROV_D_DIFF_NO_NAMESPACE },
    { "prefix unknown in type", C("<a/>"), D(ADD("*/a", " type='@y:k'", "1")), NULL, PROV_D_DIFF_PREFIX },
    { "prefix changed",   C("<a xmlns:x='u'/>"), P(" xmlns:y='u'", PADD("*/a", "", "<y:b y:k='1'><y:c>2</y:c></y:b>")), C("<a xmlns:x='u'><x:b x:k='1'><x:c>2</x:c></x:b></a>"), 0 },
    { "prefix becomes the default", C("<a xmlns='u'/>"), P(" xmlns:y='u'", PADD("*/y:a", "", "<y:b/>")), C("<a xmlns='u'><b/></a>"), 0 },
    { "not for attributes", C("<a xmlns='u'/>"), P(" xmlns:y='u'", PADD("*/y:a", "", "<y:b y:k='1'/>")), C("<a xmlns='u'><y:b y:k='1' xmlns:y=\"u\"/></a>"), 0 },
    { "prefix declared",  C("<a/>"), P(" xmlns:y='u\"v'", PADD("*/a", "", "<y:b>1</y:b>")), C("<a><y:b xmlns:y='u\"v'>1</y:b></a>"), 0 },
    { "no namespace where there is one", C("<a xmlns='u'/>"), P(" xmlns:y='u'", PADD("*/y:a", "", "<b><c/></b>")), C("<a xmlns='u'><b xmlns=\"\"><c/></b></a>"), 0 },
    { "same prefix, other meaning", C("<a xmlns:y='v'/>"), P(" xmlns:y='u'", PADD("*/a", "", "<y:b/>")), C("<a xmlns:y='v'><y:b xmlns:y=\"u\"/></a>"), 0 },
    { "prefix is taken inside", C("<a xmlns:x='u'/>"), P(" xmlns:y='u'", PADD("*/a", "", "<y:b><x:c xmlns:x='w'/></y:b>")), C("<a xmlns:x='u'><y:b xmlns:y=\"u\"><x:c xmlns:x='w'/></y:b></a>"), 0 },
    { "own declaration stays", C("<a xmlns:x='u'/>"), D(ADD("*/a", "", "<y:b xmlns:y='u'/>")), C("<a xmlns:x='u'><y:b xmlns:y='u'/></a>"), 0 },
    { "found by its new prefix", C("<a/>"), P(" xmlns:y='u'", PADD("*/a", "", "<y:b/>") "<p:replace sel='*/a/y:b'><c/></p:replace>"), C("<a><c/></a>"), 0 },
    { "unknown prefix inside", C("<a/>"), D(ADD("*/a", "", "<y:b/>")), NULL, PROV_D_DIFF_PREFIX },
    { "declaration added", C("<a/>"), D(ADD("*/a", " type='namespace::x'", "u")), C("<a xmlns:x=\"u\"/>"), 0 },
    { "declaration twice", C("<a xmlns:x='u'/>"), D(ADD("*/a", " type='namespace::x'", "u")), NULL, PROV_D_DIFF_ATTRIBUTE_EXISTS },
    { "declaration would shadow", C("<a xmlns:x='u'><b/></a>"), D(ADD("*/a/b", " type='namespace::x'", "v")), NULL, PROV_D_DIFF_PREFIX },
    { "empty URI",        C("<a/>"), D(ADD("*/a", " type='namespace::x'", "")), NULL, PROV_D_DIFF_NAMESPACE_URI },
    { "reserved URI",     C("<a/>"), D(ADD("*/a", " type='namespace::x'", "http://www.w3.org/2000/xmlns/")), NULL, PROV_D_DIFF_NAMESPACE_URI },
    { "reserved prefix",  C("<a/>"), D(ADD("*/a", " type='namespace::xmlns'", "u")), NULL, PROV_D_DIFF_PREFIX },
    { "URI replaced by none", C("<a xmlns:x='u'/>"), D(REP("*/a/namespace::x", "")), NULL, PROV_D_DIFF_NAMESPACE_URI },
    { "declaration of another element", C("<a xmlns:x='u'><b/></a>"), D(REM("*/a/b/namespace::x", "")), NULL, PROV_D_DIFF_PREFIX },
    { "used by an attribute", C("<a xmlns:x='u'><b x:k=''/></a>"), D(REM("*/a/namespace::x", "")), NULL, PROV_D_DIFF_PREFIX },
    { "used under another declaration", C("<a xmlns:x='u'><x:b xmlns:x='v'/></a>"), D(REM("*/a/namespace::x", "")), C("<a><x:b xmlns:x='v'/></a>"), 0 },
    { "same prefix of several", C("<a xmlns:x='u' xmlns:y='u'/>"), P(" xmlns:y='u'", PADD("*/a", "", "<y:b/>")), C("<a xmlns:x='u' xmlns:y='u'><y:b/></a>"), 0 },
    { "default of several", "<configuration xmlns='u' xmlns:x='u'><a/></configuration>", "<p:diff xmlns='u' xmlns:p='d'>" PADD("*/*", "", "<b/>") "</p:diff>", "<configuration xmlns='u' xmlns:x='u'><a><b/></a></configuration>", 0 },
    { "prefix of the element around", C("<z:a xmlns:x='u' xmlns:z='u'/>"), P(" xmlns:y='u'", PADD("*/y:a", "", "<y:b/>")), C("<z:a xmlns:x='u' xmlns:z='u'><z:b/></z:a>"), 0 },
    { "no prefix, as the element around", C("<a xmlns='u' xmlns:x='u'/>"), P(" xmlns:y='u'", PADD("*/y:a", "", "<y:b/>")), C("<a xmlns='u' xmlns:x='u'><b/></a>"), 0 },
    { "prefix just before", C("<a xmlns:q='u' xmlns:n='u' xmlns:k='u'/>"), P(" xmlns:nn='u'", PADD("*/a", "", "<nn:b/>")), C("<a xmlns:q='u' xmlns:n='u' xmlns:k='u'><n:b/></a>"), 0 },
    { "first prefix if none is before", C("<a xmlns:q='u' xmlns:n='u'/>"), P(" xmlns:b='u'", PADD("*/a", "", "<b:b/>")), C("<a xmlns:q='u' xmlns:n='u'><n:b/></a>"), 0 },
    { "default comes first of all", C("<k:a xmlns='u' xmlns:n='u' xmlns:k='w'/>"), P(" xmlns:b='u' xmlns:k='w'", PADD("*/k:a", "", "<b:b/>")), C("<k:a xmlns='u' xmlns:n='u' xmlns:k='w'><b/></k:a>"), 0 },
    { "default never for attributes", C("<k:a xmlns='u' xmlns:n='u' xmlns:m='u' xmlns:k='w'/>"), P(" xmlns:b='u' xmlns:k='w'", PADD("*/k:a", " type='@b:c'", "1")), C("<k:a xmlns='u' xmlns:n='u' xmlns:m='u' xmlns:k='w' m:c=\"1\"/>"), 0 },
    { "attribute keeps its prefix", C("<a xmlns:y='u'><b xmlns:x='u'/></a>"), P(" xmlns:y='u'", PADD("*/a/b", " type='@y:c'", "1")), C("<a xmlns:y='u'><b xmlns:x='u' y:c=\"1\"/></a>"), 0 },
    { "hidden prefix is not taken", C("<a xmlns:x='u'><c xmlns:x='w' xmlns:y='u'/></a>"), P(" xmlns:z='u'", PADD("*/a/c", "", "<z:b/>")), C("<a xmlns:x='u'><c xmlns:x='w' xmlns:y='u'><y:b/></c></a>"), 0 },
    { "prefix that cannot begin a name", C("<a xmlns:.='u' xmlns:q:r='u'/>"), P(" xmlns:y='u'", PADD("*/a", "", "<y:b/>")), C("<a xmlns:.='u' xmlns:q:r='u'><y:b xmlns:y=\"u\"/></a>"), 0 },
    { "declared again inside", C("<a xmlns:x='u'/>"), P(" xmlns:y='u'", PADD("*/a", "", "<y:b><y:c xmlns:y='w'><y:d/></y:c><y:e/></y:b>")), C("<a xmlns:x='u'><x:b><y:c xmlns:y='w'><y:d/></y:c><x:e/></x:b></a>"), 0 },
    { "prefixes change places", C("<a xmlns:x='u' xmlns:y='w'/>"), P(" xmlns:x='w' xmlns:y='u'", PADD("*/a", "", "<x:b><y:c/></x:b>")), C("<a xmlns:x='u' xmlns:y='w'><y:b><x:c/></y:b></a>"), 0 },
    { "one declared hides another", C("<a xmlns:x='u'/>"), P(" xmlns:x='w' xmlns:y='u'", PADD("*/a", "", "<x:b><y:c/></x:b>")), C("<a xmlns:x='u'><x:b xmlns:y=\"u\" xmlns:x=\"w\"><y:c/></x:b></a>"), 0 },
    { "attribute, no such namespace", C("<a/>"), P(" xmlns:y='u'", PADD("*/a", " type='@y:k'", "1")), NULL, PROV_D_DIFF_NO_NAMESPACE },
    { "section with a prefix", "<configuration xmlns:x='u'><x:a/></configuration>", P(" xmlns:y='u'", PADD("*/y:a", "", "<b/>")), "<configuration xmlns:x='u'><x:a><b/></x:a></configuration>", 0 },
    /* clang-format on */
};

static void
keeps_the_meaning_of_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROV_COUNT(namespaces); i++)
        run_row(&namespaces[i]);
}

/* ---- Together with the other front ends ---- */

static void
apply_all(const char *settings, const char *const *changes, const char *want)
{
    struct world w;

    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", settings, ARENA, &small, NULL));
    for (; *changes != NULL; changes++)
        assert_int_equal(PROV_OK, world_apply(&w, *changes));
    assert_false(w.a.partial);
    world_is(&w, want);
    uint32_t again;
    char *got = world_written(&w);

    assert_int_equal(PROV_OK, prov_xml_parse(&w.x, prov_str_z("again"),
                                             (struct prov_str){ got, strlen(got) }, &again, NULL));
    assert_true(prov_xml_equal(&w.x, w.root, again));
    free(got);
    world_close(&w);
}

static void
works_on_what_other_changes_left(void **state)
{
    static const char *const before[] = {
        "<o><delete path='/a/b'/><replace path='/a/c'><n/></replace><add path='/a'><z/></add></o>",
        D(ADD("*/a/n", " pos='after'", "<!--1-->") REP("*/a/text()[3]", "y")), NULL
    };
    static const char *const after[] = {
        D(ADD("*/a", " pos='prepend'", "w")),
        "<o><delete path='/a/b'/><replace path='/a/c'><n/></replace><add path='/a'><z/></add></o>",
        NULL
    };
    static const char *const apart[] = { "<o><delete path='/a/b'/></o>",
                                         D(REM("*/a/comment()", "") REM("*/a/c", "")), NULL };

    (void)state;
    apply_all(C("<a>\n <b/>\n <c/>\n</a>"), before, C("<a>\n <n/><!--1-->\n <z/>y</a>"));
    apply_all(C("<a>\n <b/>\n <c/>\n</a>"), after, C("<a>w\n \n <n/>\n<z/></a>"));
    apply_all(C("<a>x]]<b/>><c/></a>"), apart, C("<a>x]]&gt;</a>"));
}

/* ---- Limits and memory ---- */

static void
works_or_undoes_everything_in_every_arena(void **state)
{
    static const char settings[] =
        C("<a xmlns:x='u'>\n <b>]]<c/>></b>\n <!--n--><d/>\n</a><e k='1'/>");
    static const char diff[] =
        P(" xmlns:y='u'",
          PADD("*/a", "",
               "<y:f y:k='1'/>t") "<p:remove sel='*/a/b/c'/>"
                                  "<p:remove sel='*/a/d' ws='after'/><p:remove sel='*/e/g'/>"
                                  "<p:replace sel='*/e/@k'>2</p:replace>"
                                  "<p:add sel='*' type='@v'>&lt;</p:add>"
                                  "<p:remove sel=\"*/h[.='&lt;']\"/>");
    static const char want[] =
        "<configuration v=\"&lt;\"><a xmlns:x='u'>\n <b>]]&gt;</b>\n <!--n-->"
        "<x:f x:k='1'/>t</a><e k='1'/></configuration>";
    struct world w;
    size_t refused = 0, done = 0;

    (void)state;
    for (size_t bytes = 0; done < 3 && bytes < ARENA; bytes += 8) {
        const enum prov_status opened =
            world_open(&w, "auerswald-d", settings, bytes, &small, NULL);
        const enum prov_status st = opened == PROV_OK ? world_apply(&w, diff) : opened;

        if (st == PROV_OK) {
            world_is(&w, want);
            assert_true(w.a.partial);
            done++;
        } else if (opened == PROV_OK) {
            assert_int_equal(PROV_E_SPACE, st);
            world_is(&w, settings);
            assert_int_equal(0, w.a.account.change_count + w.a.account.section_count);
            refused++;
        }
        world_close(&w);
    }
    assert_int_equal(3, done);
    assert_true(refused > 10);
}

/* Texts take records of the pool; a section for which there are too few is discarded. */
static void
discards_a_section_that_needs_too_many_records(void **state)
{
    struct prov_limits limits = { .size = sizeof(limits), .xml_nodes = 8 };
    size_t discarded = 0, done = 0;

    (void)state;
    for (limits.pool_nodes = 8; limits.pool_nodes < 32; limits.pool_nodes++) {
        struct world w;

        assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", C("<a>1<b/>2<b/>]<c/>]</a>"), ARENA,
                                             &limits, NULL));
        assert_int_equal(PROV_OK, world_apply(&w, D(ADD("*/a", "", "x") REM("*/a/c", ""))));
        if (w.a.partial) {
            assert_int_equal(PROV_D_XML_POOL_NODES, w.kept[0].code);
            assert_int_equal(limits.pool_nodes, w.kept[0].need);
            world_is(&w, C("<a>1<b/>2<b/>]<c/>]</a>"));
            discarded++;
        } else {
            world_is(&w, C("<a>1<b/>2<b/>]&#93;x</a>"));
            done++;
        }
        world_close(&w);
    }
    assert_true(discarded > 3 && done > 3);
}

static void
refuses_long_selectors_and_full_roots(void **state)
{
    const struct prov_limits limits = {
        .size = sizeof(limits), .xml_nodes = 64, .path_steps = 3, .xml_attributes = 2
    };
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK,
                     world_open(&w, "auerswald-d", C("<a><b><c/></b></a>"), ARENA, &limits, NULL));
    assert_int_equal(
        PROV_OK,
        world_apply(&w, D(REM("*/a/b/c", "") REM("*/a/b[1][1][1][1]", "") ADD("*", " type='@a'", "")
                              ADD("*", " type='@b'", "") ADD("*", " type='@c'", ""))));
    assert_int_equal(3, w.diags.count);
    assert_int_equal(PROV_D_PATH_TOO_LONG, w.kept[0].code);
    assert_int_equal(3, w.kept[0].need);
    assert_int_equal(PROV_D_PATH_TOO_LONG, w.kept[1].code);
    assert_int_equal(PROV_D_XML_ATTRIBUTES, w.kept[2].code);
    world_is(&w, C("<a><b><c/></b></a>"));
    world_close(&w);
}

/* ---- Error documents ---- */

#define ERROR(name, more) \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<patch-ops-error " \
    "xmlns=\"urn:ietf:params:xml:ns:patch-ops-error\">\n  <" name more "</" name \
    ">\n</patch-ops-error>\n"

static void
error_is(const struct prov_diag *diag, const struct prov_xml *x, uint32_t root, const char *want)
{
    char mem[2048];
    struct prov_buf out = { mem, sizeof(mem), 0 };

    assert_int_equal(PROV_OK, prov_rfc5261_error(diag, x, root, &out));
    mem[out.len] = '\0';
    assert_string_equal(want, mem);
    for (size_t cap = 0; cap < strlen(want); cap++) {
        struct prov_buf tight = { mem, cap, 0 };

        assert_int_equal(PROV_E_SPACE, prov_rfc5261_error(diag, x, root, &tight));
        assert_int_equal(0, tight.len);
    }
}

static void
shows_the_operation_that_failed(void **state)
{
    static const char diff[] = "\xEF\xBB\xBF<p:diff xmlns:p='d'\r\n xmlns='e'><p:add sel='*/a'/>\r"
                               "<p:remove sel='*/a/q:b'/>\n<remove sel='*'/></p:diff>";
    struct world w;
    const struct prov_diag other = { .code = PROV_D_DIFF_SELECTOR, .line = 1, .column = 1 };
    struct prov_diag format;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", C("<a/>"), ARENA, &small, NULL));
    const uint32_t root = world_parse(&w, diff);

    assert_int_equal(PROV_OK, prov_apply_change(&w.a, root, PROV_FILE_BIT(PROV_FILE_DIFF), NULL));
    assert_int_equal(3, w.diags.count);
    format = w.kept[1];
    format.code = PROV_D_DIFF_NO_SELECTOR;
    format.path = (struct prov_str){ NULL, 0 };
    error_is(&w.kept[1], &w.x, root,
             ERROR("invalid-namespace-prefix",
                   " phrase=\"the namespace prefix q is not declared, or is in use, where it is "
                   "needed (at */a/q:b)\"><p:remove xmlns:p='d' xmlns='e' sel='*/a/q:b'/>"));
    error_is(&other, &w.x, root,
             ERROR("invalid-attribute-value",
                   " phrase=\"the selector of the operation is not of the form of RFC 5261\">"));
    error_is(&format, &w.x, root,
             ERROR("invalid-diff-format", " phrase=\"the operation has no attribute sel\">"));
    error_is(&other, NULL, 0,
             ERROR("invalid-attribute-value",
                   " phrase=\"the selector of the operation is not of the form of RFC 5261\">"));
    world_close(&w);
}

static void
names_every_condition(void **state)
{
    static const struct {
        enum prov_diag_code code;
        const char *name;
    } rows[] = {
        { PROV_D_DIFF_ATTRIBUTE, "invalid-attribute-value" },
        { PROV_D_XML_UTF16, "invalid-character-set" },
        { PROV_D_DIFF_FORMAT, "invalid-diff-format" },
        { PROV_D_XML_TAG_MISMATCH, "invalid-diff-format" },
        { PROV_D_XML_ENTITY_UNDEFINED, "invalid-entity-declaration" },
        { PROV_D_DIFF_PREFIX, "invalid-namespace-prefix" },
        { PROV_D_DIFF_NAMESPACE_URI, "invalid-namespace-uri" },
        { PROV_D_DIFF_NO_NAMESPACE, "invalid-namespace-uri" },
        { PROV_D_DIFF_VALUE, "invalid-attribute-value" },
        { PROV_D_DIFF_NODE_TYPES, "invalid-node-types" },
        { PROV_D_DIFF_DIRECTIVE, "invalid-patch-directive" },
        { PROV_D_CHECK_FAILED, "invalid-patch-directive" },
        { PROV_D_DIFF_ROOT, "invalid-root-element-operation" },
        { PROV_D_DIFF_PROLOG, "invalid-xml-prolog-operation" },
        { PROV_D_DIFF_WHITE_SPACE, "invalid-whitespace-directive" },
        { PROV_D_DIFF_SEVERAL, "unlocated-node" },
        { PROV_D_DIFF_ID, "unsupported-id-function" },
        { PROV_D_DIFF_XML_ID, "unsupported-xml-id" },
    };

    (void)state;
    for (size_t i = 0; i < PROV_COUNT(rows); i++)
        PROV_ROW(rows[i].name, strcmp(rows[i].name, prov_rfc5261_condition(rows[i].code)) == 0);
}

static void
refuses_bad_arguments(void **state)
{
    const struct prov_diag diag = { .code = PROV_D_DIFF_ID };
    char mem[8];
    struct prov_buf out = { mem, sizeof(mem), 0 };
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK, world_open(&w, "auerswald-d", C("<a/>"), ARENA, &small, NULL));
    assert_int_equal(PROV_E_ARG, prov_rfc5261_apply(NULL, 1));
    assert_int_equal(PROV_E_ARG, prov_rfc5261_apply(&w.a, w.root));
    assert_int_equal(PROV_E_ARG, prov_rfc5261_apply(&w.a, 0));
    assert_int_equal(PROV_E_ARG, prov_rfc5261_error(NULL, NULL, 0, &out));
    assert_int_equal(PROV_E_ARG, prov_rfc5261_error(&diag, NULL, 0, NULL));
    assert_int_equal(PROV_E_ARG, prov_rfc5261_error(&diag, &w.x, 4000000, &out));
    world_close(&w);
}

/* Where texts meet a byte is written otherwise; that is undone too, in a list of earlier changes. */
static void
undoes_what_keeps_texts_apart(void **state)
{
    struct world w;

    (void)state;
    assert_int_equal(PROV_OK,
                     world_open(&w, "auerswald-d", C("<a>]]<b/>></a>"), ARENA, &small, NULL));
    assert_int_equal(PROV_OK, world_apply(&w, D(ADD("*/a", "", "x"))));
    world_is(&w, C("<a>]]<b/>>x</a>"));
    assert_int_equal(PROV_OK, world_apply(&w, D(REM("*/a/b", "") REM("*/a/none", ""))));
    assert_true(w.a.partial);
    world_is(&w, C("<a>]]<b/>>x</a>"));
    assert_int_equal(PROV_OK, world_apply(&w, D(REM("*/a/b", ""))));
    world_is(&w, C("<a>]]&gt;x</a>"));
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_literally),
        cmocka_unit_test(refuses_with_a_number_each),
        cmocka_unit_test(keeps_the_meaning_of_names),
        cmocka_unit_test(works_on_what_other_changes_left),
        cmocka_unit_test(works_or_undoes_everything_in_every_arena),
        cmocka_unit_test(discards_a_section_that_needs_too_many_records),
        cmocka_unit_test(refuses_long_selectors_and_full_roots),
        cmocka_unit_test(shows_the_operation_that_failed),
        cmocka_unit_test(names_every_condition),
        cmocka_unit_test(undoes_what_keeps_texts_apart),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests_name("rfc5261", tests, NULL, NULL);
}
