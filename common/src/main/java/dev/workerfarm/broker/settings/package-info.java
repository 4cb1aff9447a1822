/** What an operator has set for the farm's queues, by arguments and policies, as far as it can be seen. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.broker.settings;
