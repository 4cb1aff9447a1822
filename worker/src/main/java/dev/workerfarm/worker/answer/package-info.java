/** The outcome on its way out: dead letter, reply, stored result. */
@NullMarked
package dev.workerfarm.worker.answer;

import org.jspecify.annotations.NullMarked;
