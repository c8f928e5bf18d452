"""The eight teams: very different in size, in three time zones, on three channels."""

from __future__ import annotations

from kpitools.workspace.sample.plan import Queue, Reason, Segment, Team

MADRID, ISTANBUL, CHICAGO = "Europe/Madrid", "Europe/Istanbul", "America/Chicago"
OFFICE_WEEK = (1.14, 1.05, 1.0, 0.96, 0.85, 0.0, 0.0)
SHOP_WEEK = (1.12, 1.03, 1.0, 0.98, 0.97, 0.45, 0.3)
SHOP_SEASON = (0.95, 0.97, 1.0, 1.0, 1.0, 1.0, 0.97, 0.95, 0.98, 1.0, 1.12, 1.15)

HOUSEHOLDS = (
    Segment(name="consumer", share=0.8, satisfied=0.87),
    Segment(name="business", share=0.2, satisfied=0.83),
)

ORDERS = Team(
    key="orders",
    name="Orders",
    zone=MADRID,
    country="ES",
    daily=1060,
    growth=5.6,
    week=SHOP_WEEK,
    hours=(8, 20),
    queues=(
        Queue(name="orders-voice", channel="voice", share=0.88),
        Queue(name="orders-chat", channel="chat", share=0.12, at_once=2.0),
    ),
    reasons=(
        Reason(name="where is my order", share=0.38, work=0.8, solved=0.9),
        Reason(name="change order", share=0.22, work=1.0, solved=0.88),
        Reason(name="cancel order", share=0.14, work=0.9, solved=0.92),
        Reason(name="return", share=0.16, work=1.25, solved=0.8),
        Reason(name="product question", share=0.10, work=1.5, solved=0.78),
    ),
    segments=HOUSEHOLDS,
    talk_s=225,
    acw_s=35,
    slack=0.95,
    invited=0.13,
    customers=9000,
    season=SHOP_SEASON,
    tickets=10,
    blend=0.35,
    staff=9,
    fresh=9,
)

BILLING = Team(
    key="billing",
    name="Billing",
    zone=MADRID,
    country="ES",
    daily=110,
    growth=1.15,
    week=OFFICE_WEEK,
    hours=(8, 20),
    queues=(Queue(name="billing-voice", channel="voice"),),
    reasons=(
        Reason(name="invoice question", share=0.42, work=0.9, solved=0.86),
        Reason(name="payment failed", share=0.23, work=1.0, solved=0.82),
        Reason(name="refund", share=0.2, work=1.2, solved=0.7),
        Reason(name="change of tariff", share=0.15, work=1.15, solved=0.9),
    ),
    segments=HOUSEHOLDS,
    talk_s=290,
    acw_s=50,
    tickets=11,
    customers=3000,
    month_start=1.3,
    staff=5,
)

TECHNICAL = Team(
    key="technical",
    name="Technical Support",
    zone=CHICAGO,
    country="US",
    daily=120,
    growth=1.3,
    week=(1.1, 1.02, 1.0, 1.0, 0.95, 0.3, 0.22),
    hours=(7, 21),
    queues=(Queue(name="technical-voice", channel="voice"),),
    reasons=(
        Reason(name="no connection", share=0.34, work=1.1, solved=0.72),
        Reason(name="slow connection", share=0.26, work=1.2, solved=0.66),
        Reason(name="set up", share=0.22, work=0.9, solved=0.88),
        Reason(name="device fault", share=0.18, work=0.8, solved=0.6),
    ),
    segments=(
        Segment(name="consumer", share=0.75, satisfied=0.88),
        Segment(name="business", share=0.25, satisfied=0.66),
    ),
    talk_s=500,
    acw_s=75,
    transferred=0.09,
    second_line="technical-expert",
    invited=0.5,
    tickets=14,
    customers=3500,
    staff=7,
)

CHAT_CARE = Team(
    key="chat_care",
    name="Chat Care",
    zone=ISTANBUL,
    country="TR",
    daily=80,
    growth=2.0,
    week=(1.0, 1.0, 1.0, 1.0, 1.0, 1.12, 1.05),
    hours=(9, 23),
    queues=(Queue(name="care-chat", channel="chat", at_once=2.0),),
    reasons=(
        Reason(name="account access", share=0.36, work=0.8, solved=0.92),
        Reason(name="where is my order", share=0.3, work=0.9, solved=0.9),
        Reason(name="complaint", share=0.16, work=1.5, solved=0.62),
        Reason(name="product question", share=0.18, work=1.1, solved=0.85),
    ),
    segments=HOUSEHOLDS,
    talk_s=520,
    acw_s=25,
    transferred=0.03,
    invited=0.6,
    responds=0.3,
    tickets=6,
    customers=3500,
    staff=4,
)

PREMIUM = Team(
    key="premium",
    name="Premium",
    zone=CHICAGO,
    country="US",
    daily=28,
    growth=1.2,
    week=OFFICE_WEEK,
    hours=(8, 18),
    queues=(Queue(name="premium-voice", channel="voice"),),
    reasons=(
        Reason(name="contract", share=0.4, work=1.1, solved=0.88),
        Reason(name="invoice question", share=0.3, work=0.9, solved=0.9),
        Reason(name="complaint", share=0.3, work=1.2, solved=0.72),
    ),
    segments=(
        Segment(name="gold", share=0.7, satisfied=0.9),
        Segment(name="platinum", share=0.3, satisfied=0.93),
    ),
    talk_s=400,
    acw_s=110,
    callbacks=True,
    slack=1.6,
    invited=0.5,
    responds=0.35,
    tickets=5,
    customers=500,
    staff=3,
)

CUSTOMER_SERVICE = Team(
    key="müşteri",
    name="Müşteri Hizmetleri",
    zone=ISTANBUL,
    country="TR",
    daily=60,
    growth=1.1,
    week=(1.12, 1.04, 1.0, 0.97, 0.95, 0.5, 0.0),
    hours=(9, 19),
    queues=(Queue(name="müşteri-ses", channel="voice"),),
    reasons=(
        Reason(name="kargo", share=0.4, work=0.8, solved=0.86),
        Reason(name="iade", share=0.3, work=1.2, solved=0.78),
        Reason(name="fatura", share=0.2, work=1.0, solved=0.88),
        Reason(name="şikâyet", share=0.1, work=1.4, solved=0.6),
    ),
    segments=HOUSEHOLDS,
    talk_s=260,
    acw_s=45,
    tickets=8,
    customers=2000,
    staff=4,
)

WRITTEN = Team(
    key="written",
    name="Written Enquiries",
    zone=MADRID,
    country="ES",
    daily=46,
    growth=0.9,
    week=(1.2, 1.1, 1.0, 1.0, 0.9, 0.4, 0.35),
    hours=(4, 24),
    queues=(Queue(name="written-email", channel="email"),),
    reasons=(
        Reason(name="complaint", share=0.35, work=1.3, solved=0.7),
        Reason(name="invoice question", share=0.3, work=0.9, solved=0.85),
        Reason(name="cancel contract", share=0.2, work=1.0, solved=0.9),
        Reason(name="data request", share=0.15, work=1.1, solved=0.95),
    ),
    segments=HOUSEHOLDS,
    talk_s=420,
    acw_s=60,
    held=0.0,
    transferred=0.0,
    responds=0.2,
    tickets=20,
    blend=0.0,
    customers=2500,
    staff=3,
)

FIELD = Team(
    key="field",
    name="Field Service",
    zone=CHICAGO,
    country="US",
    daily=3.5,
    growth=1.0,
    week=OFFICE_WEEK,
    hours=(8, 17),
    queues=(Queue(name="field-desk", channel="voice"),),
    reasons=(
        Reason(name="appointment", share=0.7, work=0.8, solved=0.9),
        Reason(name="technician late", share=0.3, work=1.2, solved=0.6),
    ),
    segments=HOUSEHOLDS,
    talk_s=330,
    acw_s=60,
    transferred=0.02,
    slack=1.6,
    invited=0.6,
    responds=0.35,
    tickets=2,
    customers=300,
    staff=2,
)

TEAMS = (ORDERS, BILLING, TECHNICAL, CHAT_CARE, PREMIUM, CUSTOMER_SERVICE, WRITTEN, FIELD)
HALF_HOURLY = ("orders-voice", "orders-chat", "billing-voice", "technical-voice")
"""Queues with a forecast by half hour; the others are forecast by day."""
