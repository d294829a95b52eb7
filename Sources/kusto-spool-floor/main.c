#include "floor.h"

#include <string.h>

int main(int count, char **words) {
    if (count < 4) give_up("usage", "kusto-spool-floor small RESOURCES DIRECTORY | large RESOURCES FILE [plain]");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct resources resources = read_resources(words[2]);
    if (strcmp(words[1], "small") == 0) run_small(&resources, words[3]);
    else if (strcmp(words[1], "large") == 0) run_large(&resources, words[3], count > 4);
    else if (strcmp(words[1], "latency") == 0 && count > 4) run_latency(&resources, words[3], words[4]);
    else give_up("unknown way", words[1]);
    return 0;
}
