package dev.workerfarm.worker.control;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.worker.answer.Completion;
import dev.workerfarm.worker.commit.Committer;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.delivery.TaskConsumer;
import dev.workerfarm.worker.download.Downloader;
import dev.workerfarm.worker.executor.TaskExecutor;
import dev.workerfarm.worker.metrics.Metric;
import dev.workerfarm.worker.metrics.Samples;
import dev.workerfarm.worker.run.Activity;
import java.util.Collection;

/** The metrics of one worker process, gathered when its parent asks. Reads counters and never waits. */
public record ProcessMetrics(
        Activity activity,
        Collection<Delivery> inbox,
        TaskExecutor executor,
        TaskConsumer consumer,
        Completion completion,
        Committer committer,
        ConfirmedPublisher publisher,
        SupervisedConnection connection,
        Downloader downloader) {

    /** All of it, as a line of {@link Samples}. */
    public String line() {
        var samples = new Samples();
        activity.sample(samples);
        completion.sample(samples);
        var running = executor.running();
        samples.add(Metric.RUNNING.series(), running);
        samples.add(Metric.BUSY.series(), running + inbox.size());
        samples.add(Metric.UNSETTLED.series(), consumer.unsettled());
        samples.add(Metric.RECONNECTS.series(), connection.reconnects() + publisher.reconnects());
        samples.add(Metric.SUPPRESSED.series(), committer.suppressed());
        samples.add(Metric.RETURNS.series(), publisher.returns());
        samples.add(Metric.DOWNLOAD_BYTES.series(), downloader.receivedBytes());
        return samples.line();
    }
}
