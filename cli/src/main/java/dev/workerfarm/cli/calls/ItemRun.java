package dev.workerfarm.cli.calls;

import dev.workerfarm.cli.input.ReadAhead;
import dev.workerfarm.cli.output.CommonOptions;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.cli.output.Progress;
import dev.workerfarm.cli.output.ResultPrinter;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.ItemOutcome;
import dev.workerfarm.pool.NamedCall;
import dev.workerfarm.pool.map.Incoming;
import java.util.AbstractCollection;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Runs the items of a list through the pool and prints each one's outcome, in their order. Holds a window of them only. */
record ItemRun(Console console, CommonOptions options, String task, ResultPrinter printer) {
    private static final int UNCONFIRMED = 512;

    /** @param text how a value is shown where JSON was not asked for */
    ItemRun(Console console, CommonOptions options, String task, Function<@Nullable Object, String> text) {
        this(console, options, task, new ResultPrinter(console, options, text));
    }

    /** Runs them; the exit code. {@code how} adds what the common options do not say. */
    int run(Items items, UnaryOperator<NamedCall> how) {
        try (var session = new PoolSession(console)) {
            var call = how.apply(session.call(task, console, options));
            if (options.detach) {
                return publish(call.storing(), items);
            }
            try (var outcomes = call.starOutcomes(items.asInput());
                    var progress = new Progress(console, options, task, items::total)) {
                printer.beforeOutput(progress::clear);
                var code = ExitCode.OK;
                while (true) {
                    if (!outcomes.isReady()) {
                        printer.flush();
                    }
                    if (!outcomes.hasNext()) {
                        printer.flush(); // before the bar's last look
                        return code;
                    }
                    var succeeded = print(outcomes.next(), items.given());
                    progress.step(succeeded);
                    code = succeeded ? code : ExitCode.FAILED;
                }
            } finally {
                printer.flush();
            }
        }
    }

    private boolean print(ItemOutcome<?> item, Items.Given given) {
        var failure = item.failure();
        if (failure == null) {
            printer.succeeded(item.index(), item.id(), item.value());
            return true;
        }
        var plain = given.place() + ": " + failure.type() + ": " + failure.text()
                + (failure.text().contains(given.subject()) ? "" : " (" + given.subject() + ")");
        printer.failed(item.index(), item.id(), failure.type(), failure.text(), plain, failure.stack());
        return false;
    }

    private int publish(NamedCall call, Items items) {
        Deque<AsyncResult<String>> unconfirmed = new ArrayDeque<>();
        var index = 0L;
        while (true) {
            if (unconfirmed.size() < UNCONFIRMED && (unconfirmed.isEmpty() || items.isReady()) && items.hasNext()) {
                unconfirmed.add(call.publish(items.next().toArray()));
                items.given();
            } else if (!unconfirmed.isEmpty()) {
                printer.published(index++, unconfirmed.remove().get(options.publishTimeout()));
            } else {
                return ExitCode.OK;
            }
            if (unconfirmed.isEmpty()) {
                printer.flush();
            }
        }
    }

    /** The argument lists of items, made of texts as they come. One thread reads them, another asks what was given. */
    static final class Items implements Incoming<List<?>> {
        /** What a failure's line says of an item: where it stands, and what it is about, or an empty text. */
        record Given(String place, String subject) {}

        private final ReadAhead texts;
        private final Function<String, List<?>> parse;
        private final Function<String, String> subject;
        private final int known;
        private final LongSupplier counted;
        private final Queue<Given> given = new ConcurrentLinkedQueue<>();

        /**
         * @param known how many there are, or -1: not known
         * @param counted how many a progress bar shows where it is not known, or -1; asked where there is a bar
         */
        Items(
                ReadAhead texts,
                Function<String, List<?>> parse,
                Function<String, String> subject,
                int known,
                LongSupplier counted) {
            this.texts = texts;
            this.parse = parse;
            this.subject = subject;
            this.known = known;
            this.counted = counted;
        }

        @Override
        public boolean isReady() {
            return texts.isReady();
        }

        @Override
        public boolean hasNext() {
            return texts.hasNext();
        }

        @Override
        public List<?> next() {
            var text = texts.next();
            given.add(new Given(texts.place(), subject.apply(text)));
            return parse.apply(text);
        }

        /** Of the items that were read, in their order, each once. */
        Given given() {
            return given.remove();
        }

        long total() {
            return known < 0 ? counted.getAsLong() : known;
        }

        /** The items as a map takes them: a collection where their number is known, so that the map knows it too. */
        Iterable<List<?>> asInput() {
            if (known < 0) {
                return () -> this;
            }
            return new AbstractCollection<>() {
                @Override
                public Iterator<List<?>> iterator() {
                    return Items.this;
                }

                @Override
                public int size() {
                    return known;
                }
            };
        }
    }
}
