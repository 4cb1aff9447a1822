package dev.workerfarm.cli.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import dev.workerfarm.wire.context.LogContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/** Has the id of the present call put into the context of each line, before the line is made: {@link LogContext#beforeLine}. */
final class TaskIds extends TurboFilter {
    @Override
    public void start() {
        LogContext.asksBeforeLines();
        super.start();
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] params,
            @Nullable Throwable thrown) {
        if (level.isGreaterOrEqual(logger.getEffectiveLevel())) {
            LogContext.beforeLine();
        }
        return FilterReply.NEUTRAL;
    }
}
