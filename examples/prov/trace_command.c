/* SPDX-License-Identifier: MIT */

/* prov trace: what is in a file that prov run --trace wrote. */

#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "file.h"
#include "report.h"
#include "trace_steps.h"

struct job {
    const char *name, *output;
    bool json, svg;
    struct report report;
    struct trace_file file;
    struct steps steps;
};

static int
draw(struct job *j)
{
    struct text svg = { 0 };
    int code = TOOL_DONE;

    steps_svg(&j->file, &j->steps, &svg);
    if (j->output == NULL)
        fwrite(svg.ptr, 1, svg.len, stdout);
    else if (!file_write(j->output, text_str(&svg), &j->report))
        code = TOOL_OUTSIDE;
    text_free(&svg);
    return code;
}

static int
show(struct job *j)
{
    steps_make(&j->file, &j->steps);
    if (j->svg)
        return draw(j);
    if (j->json)
        report_document(&j->report, steps_json(&j->file, &j->steps));
    else
        steps_print(&j->file, &j->steps);
    return TOOL_DONE;
}

static int
read_and_show(struct job *j)
{
    report_init(&j->report, j->json);
    int code = trace_file_read(j->name, &j->file, &j->report);

    if (code == TOOL_GO_ON)
        code = show(j);
    else if (j->json)
        report_document(&j->report, json_pack("{s:[]}", "events"));
    steps_free(&j->steps);
    trace_file_free(&j->file);
    return report_end(&j->report, code);
}

static int
check_usage(const struct job *j, const struct command_line *line)
{
    if (line->operand_count != 1)
        return tool_usage(line->command, "one trace is expected");
    if (j->svg && j->json)
        return tool_usage(line->command, "--svg and --json exclude each other");
    if (j->output != NULL && !j->svg)
        return tool_usage(line->command, "-o goes with --svg");
    return TOOL_GO_ON;
}

int
command_trace(const struct command *self, int argc, char **argv)
{
    struct job *j = tool_alloc(sizeof(*j));
    struct command_line line = { .command = self };
    const struct option options[] = {
        { .name = "svg", .flag = &j->svg, .help = "draw a sequence diagram instead" },
        { .name = "output",
          .letter = 'o',
          .value = "FILE",
          .text = &j->output,
          .help = "write the diagram to a file" },
        { .name = "json", .flag = &j->json, .help = "print one JSON document instead" },
    };

    command_line_add(&line, options, TOOL_COUNT(options));
    int code = command_line_parse(&line, argc, argv);

    if (code == TOOL_GO_ON)
        code = check_usage(j, &line);
    if (code == TOOL_GO_ON) {
        j->name = line.operands[0];
        code = read_and_show(j);
    }
    free(line.operands);
    free(j);
    return code;
}
