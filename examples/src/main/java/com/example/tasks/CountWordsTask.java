package com.example.tasks;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.util.regex.Pattern;

/** Runs {@code count_words} on a worker. */
public final class CountWordsTask implements Task<CountWords, Long> {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+(['’][\\p{L}\\p{N}]+)*");

    @Override
    public TaskType<CountWords, Long> type() {
        return CountWords.TYPE;
    }

    /** Returns how many words this text has; the total grows by as much, atomically. */
    @Override
    public Long run(CountWords args, TaskContext context) {
        var words = WORD.matcher(args.text()).results().count();
        context.shared().value(args.total() == null ? "words" : args.total()).add(words);
        return words;
    }
}
