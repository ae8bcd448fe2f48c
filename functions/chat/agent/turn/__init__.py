"""One turn: its context and steps, its journal, spending, budget and title, its end and take-over."""

from chat.agent.turn.app_look import AppLook
from chat.agent.turn.ask import Asker
from chat.agent.turn.checks import Checks
from chat.agent.turn.consents import Consents, Waits
from chat.agent.turn.context import TurnContext
from chat.agent.turn.daily_budget import Budget
from chat.agent.turn.ending import Ending, HandOver, WakeUp
from chat.agent.turn.fetches import Fetches
from chat.agent.turn.file_ids import FileIds
from chat.agent.turn.heal import Healing
from chat.agent.turn.journal import Journal
from chat.agent.turn.media import Media
from chat.agent.turn.offered_tools import Endpoint, OfferedTools
from chat.agent.turn.originals import ByteCache, Originals, kept_alive
from chat.agent.turn.progress import base_of, has_preview, message_of, progress_of
from chat.agent.turn.searches import TurnSearches
from chat.agent.turn.secret_texts import SecretTexts
from chat.agent.turn.step import Step
from chat.agent.turn.titles import Titling

__all__ = [
    "AppLook",
    "Asker",
    "Budget",
    "ByteCache",
    "Checks",
    "Consents",
    "Ending",
    "Endpoint",
    "Fetches",
    "FileIds",
    "HandOver",
    "Healing",
    "Journal",
    "Media",
    "OfferedTools",
    "Originals",
    "SecretTexts",
    "Step",
    "Titling",
    "TurnContext",
    "TurnSearches",
    "Waits",
    "WakeUp",
    "base_of",
    "has_preview",
    "kept_alive",
    "message_of",
    "progress_of",
]
