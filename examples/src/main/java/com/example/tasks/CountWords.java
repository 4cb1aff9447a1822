package com.example.tasks;

import dev.workerfarm.task.TaskType;
import org.jspecify.annotations.Nullable;

/**
 * Counts the words of a text, and adds them to a total that all processes of the farm share.
 *
 * @param text any text
 * @param total the shared value's name; null is {@code words}. What may be left out is marked Nullable
 */
public record CountWords(String text, @Nullable String total) {
    /** What producers and workers agree on: name, arguments, result, and that runs use shared state. */
    public static final TaskType<CountWords, Long> TYPE =
            TaskType.of("count_words", CountWords.class, Long.class).withSharedState();
}
