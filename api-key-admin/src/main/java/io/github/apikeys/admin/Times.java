/*
 * Copyright 2026 the original author or authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.github.apikeys.admin;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import org.springframework.context.MessageSource;

/**
 * Words for times in the language of whoever reads them. The zone is that of the
 * application unless it knows the reader's; a script rewrites it in the browser.
 */
final class Times {

	private final MessageSource messages;

	private final Locale locale;

	private final ZoneId zone;

	private final Instant now;

	Times(MessageSource messages, Locale locale, ZoneId zone, Instant now) {
		this.messages = messages;
		this.locale = locale;
		this.zone = zone;
		this.now = now;
	}

	/**
	 * The time for machines.
	 */
	public String machine(Instant time) {
		return time.toString();
	}

	/**
	 * The exact time.
	 */
	public String exact(Instant time) {
		return DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT)
			.withLocale(this.locale)
			.withZone(this.zone)
			.format(time) + " " + this.zone;
	}

	/**
	 * The last day that is over by a time, for machines.
	 */
	public String lastFullDay(Instant time) {
		return LocalDate.ofInstant(time, this.zone).minusDays(1).toString();
	}

	/**
	 * The date.
	 */
	public String date(Instant time) {
		return date(LocalDate.ofInstant(time, this.zone));
	}

	/**
	 * A day.
	 */
	public String date(LocalDate day) {
		return DateTimeFormatter.ofLocalizedDate(FormatStyle.MEDIUM).withLocale(this.locale).format(day);
	}

	/**
	 * The time from now or ago, rounded to its largest unit.
	 */
	public String relative(Instant time) {
		Duration distance = Duration.between(this.now, time);
		String direction = distance.isNegative() ? "time.past." : "time.future.";
		long minutes = rounded(distance.abs().toSeconds(), 60);
		if (minutes == 0) {
			return message("time.now", null);
		}
		if (minutes < 60) {
			return message(direction + "minutes", minutes);
		}
		long hours = rounded(minutes, 60);
		if (hours < 24) {
			return message(direction + "hours", hours);
		}
		long days = rounded(hours, 24);
		if (days < 60) {
			return message(direction + "days", days);
		}
		return (days < 730) ? message(direction + "months", rounded(days, 30))
				: message(direction + "years", rounded(days, 365));
	}

	private static long rounded(long number, long unit) {
		return (number + unit / 2) / unit;
	}

	private String message(String code, @Nullable Long number) {
		return this.messages.getMessage(code, (number != null) ? new Object[] { number } : null, this.locale);
	}

	/**
	 * The language and region in which times are written.
	 */
	public String getLocale() {
		return this.locale.toLanguageTag();
	}

	/**
	 * The name of the zone.
	 */
	public String getZone() {
		return this.zone.getId();
	}

}
