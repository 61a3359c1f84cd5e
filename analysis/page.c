/* SPDX-License-Identifier: MIT */
/* analysis/page.c - see page.h. Base64 is RFC 4648's, by libsodium. */
#include "analysis/page.h"

#include <sodium.h>
#include <stdlib.h>

#include "analysis/csv.h"
#include "analysis/text.h"

/* A phone: one column, wide tables scroll in their own box, figures shrink; colours follow the reader's setting. */
/* clang-format off */
static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:16px/1.45 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.5rem;overflow-wrap:anywhere}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #8886}"
    "figure{margin:1rem 0;overflow-x:auto}img,svg{max-width:100%;height:auto;background:#fff}"
    "figcaption{font-size:.85rem;opacity:.8}"
    ".box{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem}"
    "td,th{padding:.15rem .6rem;text-align:left;white-space:nowrap;border-bottom:1px solid #8883}"
    "pre{overflow-x:auto;padding:.6rem;background:#8882}summary{cursor:pointer;padding:.3rem 0}"
    "@media(max-width:40rem){img,svg{max-width:none;width:44rem}}";
/* clang-format on */

void page_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '>')
            fputs("&gt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else if (*text == '"')
            fputs("&quot;", out);
        else
            fputc(*text, out);
    }
}

void page_element(FILE *out, const char *tag, const char *text)
{
    fprintf(out, "<%s>", tag);
    page_text(out, text);
    fprintf(out, "</%s>\n", tag);
}

void page_open(FILE *out, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
          out);
    page_element(out, "title", title);
    fprintf(out, "<style>%s</style>\n</head>\n<body>\n", style);
    page_element(out, "h1", title);
}

void page_close(FILE *out)
{
    fputs("</body>\n</html>\n", out);
}

/* The whole file; NULL when it cannot be read. */
static unsigned char *read_octets(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    unsigned char *octets = NULL;
    size_t room = 0, n;

    *size = 0;
    if (file == NULL)
        return NULL;
    do {
        room = room * 2 + 65536;
        if ((octets = realloc(octets, room)) == NULL)
            text_die("out of memory");
        n = fread(octets + *size, 1, room - *size, file);
        *size += n;
    } while (n > 0 && *size == room);
    fclose(file);
    return octets;
}

int page_image(FILE *out, const char *path, const char *title)
{
    size_t size, room;
    unsigned char *octets = read_octets(path, &size);
    char *coded;

    if (octets == NULL)
        return -1;
    room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    if ((coded = malloc(room)) == NULL)
        text_die("out of memory");
    sodium_bin2base64(coded, room, octets, size, sodium_base64_VARIANT_ORIGINAL);
    fputs("<figure><img alt=\"", out);
    page_text(out, title);
    fprintf(out, "\" src=\"data:image/png;base64,%s\">", coded);
    page_element(out, "figcaption", title);
    fputs("</figure>\n", out);
    free(coded);
    free(octets);
    return 0;
}

static void row_of(FILE *out, const struct csv *csv, size_t row, const char *cell)
{
    fputs("<tr>", out);
    for (size_t col = 0; col < csv->cols; col++) {
        fprintf(out, "<%s>", cell);
        page_text(out, csv_field(csv, row, col));
        fprintf(out, "</%s>", cell);
    }
    fputs("</tr>\n", out);
}

int page_table(FILE *out, const char *path, const char *title, size_t most, int open)
{
    char err[1200];
    struct csv csv;

    if (csv_read(&csv, path, err, sizeof err) != 0) {
        page_element(out, "p", err);
        return -1;
    }
    fprintf(out, "<details%s><summary>", open ? " open" : "");
    page_text(out, title);
    fprintf(out, ", %zu rows</summary>\n<div class=\"box\"><table>\n", csv.rows - 1);
    row_of(out, &csv, 0, "th");
    for (size_t row = 1; row < csv.rows && row <= most; row++)
        row_of(out, &csv, row, "td");
    fputs("</table></div>\n", out);
    if (csv.rows - 1 > most)
        fprintf(out, "<p>The first %zu of %zu rows; all of them are in the file.</p>\n", most,
                csv.rows - 1);
    fputs("</details>\n", out);
    csv_clear(&csv);
    return 0;
}
