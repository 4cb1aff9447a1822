package dev.workerfarm.cli.calls;

import dev.workerfarm.cli.input.DownloadList;
import dev.workerfarm.cli.input.Lines;
import dev.workerfarm.cli.input.Words;
import dev.workerfarm.cli.output.Action;
import dev.workerfarm.cli.output.CommonOptions;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.json.Json;
import dev.workerfarm.task.Download;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code producer download}: the article's second example. */
@Command(
        name = "download",
        description = "Downloads files into the workers' download folder, many at a time.",
        footer = {
            "A list has a URL a line, or URL<TAB>filename; lines that start with # are",
            "comments. A file that fails has a line on standard error that says why; the",
            "others go on.",
            "",
            "Examples:",
            "  producer download https://example.org/a.jpg https://example.org/b.jpg",
            "  producer download -i urls.txt",
            "  producer download -i - --json < urls.txt"
        })
public final class DownloadCommand implements Action {
    @Parameters(paramLabel = "URL", description = "http or https.")
    private List<String> urls = List.of();

    @Option(names = "-i", paramLabel = "FILE", description = "A list of URLs, or - for standard input.")
    private @Nullable String file;

    @Mixin
    private CommonOptions options = new CommonOptions();

    @Override
    public int run(Console console) throws IOException {
        if (urls.isEmpty() == (file == null)) {
            throw new IllegalArgumentException("download takes URLs, or a file of them with -i; see download --help");
        }
        try (var lines = file == null ? null : Lines.open(file, console)) {
            var list = new DownloadList(lines == null ? new Words(urls, console.in()) : lines);
            var items = new ItemRun.Items(
                    list,
                    DownloadList::arguments,
                    DownloadList::url,
                    lines == null ? urls.size() : -1,
                    () -> Lines.count(file, DownloadList::new));
            return new ItemRun(console, options, Download.TYPE.name(), DownloadCommand::text).run(items, call -> call);
        }
    }

    private static String text(@Nullable Object result) {
        var name = result instanceof Map<?, ?> file ? file.get("filename") : null;
        return "Download complete: " + (name == null ? Json.text(result) : name);
    }
}
