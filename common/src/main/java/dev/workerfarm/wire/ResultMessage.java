package dev.workerfarm.wire;

import org.jspecify.annotations.Nullable;

/**
 * What a worker answers.
 *
 * @param taskId whose outcome it is
 * @param outcome how the task ended, or null for word on the way (Celery's STARTED and RETRY)
 */
public record ResultMessage(String taskId, @Nullable Outcome outcome) {}
